// A report on paper: the browser's own print dialog, which also saves as PDF. Figures behind something to unfold are printed, too.

const folded = (): NodeListOf<HTMLDetailsElement> => document.querySelectorAll<HTMLDetailsElement>(".report details:not([open])");
let opened: HTMLDetailsElement[] = [];

addEventListener("beforeprint", () => {
  opened = [...folded()];
  for (const one of opened) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of opened) one.open = false;
  opened = [];
});

for (const button of document.querySelectorAll<HTMLElement>("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    // Pictures further down were not fetched yet; paper has them all.
    for (const image of document.images) image.loading = "eager";
    await Promise.allSettled([...document.images].map((image) => image.decode()));
    print();
  });
}
