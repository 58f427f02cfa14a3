// Words that were shared from another application begin the caption of the next post that has none. They stay words like any other: seen, and changed at will.
import { sharedWords } from "../gallery";

const caption = document.querySelector<HTMLTextAreaElement>("#caption");

async function begin(field: HTMLTextAreaElement): Promise<void> {
  const words = await sharedWords();
  if (!words || field.value !== "") return;
  field.value = words.text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await words.drop();
}

if (caption) void begin(caption);
