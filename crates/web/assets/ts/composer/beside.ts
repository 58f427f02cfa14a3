// Labels and a note beside the post: their forms are sent without leaving the page, so that nothing typed above is lost.
import { type Part, send } from "../part";

const BESIDE: Part = { id: "beside", say: "toasts" };

document.addEventListener("submit", (event) => {
  const form = event.target instanceof HTMLFormElement ? event.target.closest<HTMLFormElement>("#beside form") : null;
  if (!form) return;
  event.preventDefault();
  void send(BESIDE, form, event.submitter).then((done) => {
    if (!done) return;
    // What was refused stands in its field again, with the reason.
    const refused = document.querySelector<HTMLElement>("#beside [aria-invalid=true]");
    (refused ?? document.querySelector<HTMLElement>("#beside summary"))?.focus();
  });
});
