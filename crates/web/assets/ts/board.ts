// Moving cards on the board by pointer and keyboard. It only chooses column and place: the move, its refusal and the way back are the
// server's, a plan is made on the post page, and every form works without a script.
import { startDrag } from "./board/drag";
import { startKeys } from "./board/keys";
import { startPage } from "./board/page";

startPage();
startDrag();
startKeys();
