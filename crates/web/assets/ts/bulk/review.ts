// The one button of a review: it waits until every post was on the screen. The server takes only what the page named.

export function startReview(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-review]");
  const button = form?.querySelector<HTMLButtonElement>("button.primary");
  const told = form?.querySelector<HTMLElement>("[data-left]");
  if (!form || !button || !told) return;
  const unseen = new Set(form.querySelectorAll("[data-seen]"));
  const refresh = (): void => {
    if (unseen.size === 0) button.removeAttribute("aria-disabled");
    else button.setAttribute("aria-disabled", "true");
    told.hidden = unseen.size === 0;
    const text = (form.dataset["textLeft"] ?? "").replace("%n", String(unseen.size));
    if (unseen.size > 0) told.textContent = text;
  };
  button.setAttribute("aria-describedby", "left");
  // The declaration is the end of a post's card: when that was seen, all of the card was.
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) {
      unseen.delete(entry.target);
      watch.unobserve(entry.target);
    }
    refresh();
  }, { threshold: 0.6 });
  for (const end of unseen) watch.observe(end);
  form.addEventListener("submit", (event) => {
    const next = unseen.values().next().value;
    if (next === undefined) {
      // A second press would be asked about posts that the first one has planned.
      if (form.dataset["pressed"]) event.preventDefault();
      form.dataset["pressed"] = "yes";
      return;
    }
    event.preventDefault();
    const card = next.closest<HTMLElement>("article");
    card?.scrollIntoView({ block: "start" });
    card?.focus({ preventScroll: true });
  });
  refresh();
}
