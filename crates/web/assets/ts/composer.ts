// Entry of the post page's script. The page's own behaviour lives in ./composer.
import "./composer/index";
