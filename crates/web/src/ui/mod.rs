//! The look: frame, components and words about time. Owns markup shared by pages; must not call use cases or read a clock.
//!
//! Every component is a function from values to [`maud::Markup`]. Pages that need an attribute a component does not take
//! (an `hx-…`, say) write the element themselves with the same classes; the gallery page shows each of them.

pub mod account;
pub mod button;
pub mod desk;
pub mod feedback;
pub mod field;
pub mod frame;
pub mod glass;
pub mod icon;
pub mod policy;
pub mod preferences;
pub mod shelf;
pub mod shell;
pub mod shortcuts;
pub mod status;
pub mod surface;
pub mod text;
pub mod timeline;
pub mod when;

pub use self::{
    account::{Face, account, face},
    button::{Button, Kind, button, link_button},
    desk::{Place, desk_page, door_page},
    feedback::{Notice, Tone, copy_code, empty_state, notice, toasts},
    field::{
        Checkbox, Choice, SelectField, TextArea, TextField, checkbox, field_error, form_errors, listbox, select_field,
        switch, text_area, text_field,
    },
    frame::{Badges, Frame, Nav, Theme, Viewer},
    glass::{GlassSize, Progress, glass, progress_bar},
    icon::{Icon, icon},
    policy::PolicyNotice,
    preferences::Preferences,
    shelf::{Bottle, ListRow, Thumb, bottle, empty_slot, list_row, list_row_with, price, shelf, thumb},
    shell::{Head, app_page, page_head, public_page, shared_page},
    shortcuts::{Does, Key, shortcuts},
    status::{Status, status_drop},
    surface::{MenuItem, TabLink, card, dialog, menu, question, tabs},
    timeline::{Step, StepTone, timeline},
    when::When,
};
