//! The relief fund's book (济难基金): where money lies (places), what it may be used for (purses), and what moved.
//!
//! Every line moves whole fen of one purse from one place to another; the outside world is a place too. What is granted is
//! *reserved* first, so that it cannot be granted twice, and paid out later. Nothing is edited: a mistake is reversed by a
//! line of its own. It knows neither rows nor keys. Start reading at `movement.rs`, then `book.rs`, which works out
//! everything from the lines alone and so proves what rows say.

mod book;
mod campaign;
mod closing;
mod gift;
mod giving;
mod held;
mod movement;
mod payout;
mod place;
mod purse;
mod refusal;
mod sums;
mod tally;
#[cfg(test)]
mod tests;
mod year;

pub use book::{Book, BookLine, Broken, Table};
pub use campaign::{
    CLASSES_MAX, Campaign, CampaignClass, CampaignState, CampaignStep, Candidate, KnownBy, RECEIVERS_MAX, Receiver,
    ReceiverId, ReceiverMove, ReceiverSource, ReceiverStep, TakenOut, judge,
};
pub use closing::{Closing, ClosingState, ClosingStep, FormerCount, FormerYear, PlaceCount, former};
pub use gift::{GiftLine, gift_lines};
pub use giving::{Appropriation, Collection, Pledge, Stage};
pub use held::{Held, Touch};
pub use movement::{Facts, LineId, Movement, MovementKind, Named, Release, Reservation, What};
pub use payout::{Batch, Draw, Meeting, NoMeeting, Payout, PayoutState, PayoutStep};
pub use place::{Place, PlaceKind};
pub use purse::{AidKind, Books, Purse, is_code};
pub use refusal::NotBooked;
pub use sums::{Account, Short, Sums, first_short};
pub use tally::{AidGroup, AidLine, aid_lines, tally};
pub use year::{AidCount, YearStatement, year};

/// How many lines can stand one behind another: the reversal of a return of a payout of a reservation.
pub const NAMED_MAX: usize = 4;
