// Moving posts on the calendar by pointer and keyboard. It only chooses the time: the panel with the declaration, the refusal and the
// way back are the server's, and the forms are the ones that work without a script.
import { startDrag } from "./calendar/drag";
import { startKeys } from "./calendar/keys";
import { startForms } from "./calendar/page";

startForms();
startDrag();
startKeys();
