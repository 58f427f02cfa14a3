// The post page and the page before it. Everything here is comfort: the server repeats each check.
import "./beside";
import "./form";
import "./snippets";
import "./uploads";
import "./words";
