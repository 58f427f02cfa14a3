// Reloads the console when something happened, unless a person is watching a video or filling a form.
const seen = document.documentElement.dataset.version;
const busy = () =>
  [...document.querySelectorAll("video")].some((video) => !video.paused) ||
  document.activeElement?.matches("input, select, textarea");
setInterval(async () => {
  if (document.hidden || busy()) return;
  const answer = await fetch("/console/version").catch(() => null);
  if (answer?.ok && (await answer.text()) !== seen) location.reload();
}, 1500);
