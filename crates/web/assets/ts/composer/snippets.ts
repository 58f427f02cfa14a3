// Puts a kept text into the caption: sentences where the caret stands, hashtags behind everything.

const caption = document.querySelector<HTMLTextAreaElement>("#caption");
const space = /\s$/;

function put(field: HTMLTextAreaElement, words: string, atEnd: boolean): void {
  const from = atEnd ? field.value.length : field.selectionStart;
  const upto = atEnd ? from : field.selectionEnd;
  const before = field.value.slice(0, from);
  const after = field.value.slice(upto);
  const gap = before === "" || space.test(before) ? "" : " ";
  const tail = after === "" || /^\s/.test(after) ? "" : " ";
  field.setRangeText(gap + words + tail, from, upto, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

if (caption) {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-insert]")) {
    button.hidden = false;
    button.addEventListener("click", () => put(caption, button.dataset["insert"] ?? "", button.dataset["kind"] === "hashtags"));
  }
}
