// The grid of many posts and its review. Everything here is comfort: each row is a form of its own that works without a script, and the
// server repeats each check.
import "./composer/uploads";
import { startFill } from "./bulk/fill";
import { startKeys } from "./bulk/keys";
import { startReview } from "./bulk/review";
import { startSaving } from "./bulk/saving";

startSaving();
startKeys();
startFill();
startReview();
