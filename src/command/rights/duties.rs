//! Who may do what, to whose households: one table, and everything asks it (hints, menus, refusals, the list that
//! `user duties` prints).
//!
//! A verb that writes takes a [`Permit`](super::rights::Permit), and a permit is of a duty: so a verb that stands in no row
//! of this table does not compile.

use crate::domain::dossier::Status;

/// What an officer may be. Records hold words; a word that is none of these is kept and grants nothing.
///
/// Management stands apart from the work, and its three parts from each other (三员分立, GB/T 22239): whoever administers the
/// system, its security or its audit sees no household.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    Surveyor,
    Reviewer,
    Approver,
    Cashier,
    /// Keeps the fund's book.
    Accountant,
    Supervisor,
    SystemAdministrator,
    SecurityAdministrator,
    AuditAdministrator,
}

impl Role {
    pub const ALL: [Role; 9] = [
        Role::Surveyor,
        Role::Reviewer,
        Role::Approver,
        Role::Cashier,
        Role::Accountant,
        Role::Supervisor,
        Role::SystemAdministrator,
        Role::SecurityAdministrator,
        Role::AuditAdministrator,
    ];

    /// As it stands in records, and in the words `role.surveyor`. **[disk]**
    pub fn code(self) -> &'static str {
        match self {
            Role::Surveyor => "surveyor",
            Role::Reviewer => "reviewer",
            Role::Approver => "approver",
            Role::Cashier => "cashier",
            Role::Accountant => "accountant",
            Role::Supervisor => "supervisor",
            Role::SystemAdministrator => "system_administrator",
            Role::SecurityAdministrator => "security_administrator",
            Role::AuditAdministrator => "audit_administrator",
        }
    }

    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// How far a duty reaches. Of several roles the farthest counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Span {
    No,
    /// One's own work: a draft one began, a query one asked.
    Own,
    /// Households of one's units and of those below them; of all, where one is given no unit.
    Units,
    /// Those, and any other for a reason that is told to the supervisor.
    Reason,
    /// Whatever the unit.
    All,
}

impl Span {
    /// In JSON, and in the words `span.units`.
    pub fn code(self) -> &'static str {
        match self {
            Span::No => "no",
            Span::Own => "own",
            Span::Units => "units",
            Span::Reason => "reason",
            Span::All => "all",
        }
    }
}

macro_rules! duties {
    ($($(#[$doc:meta])* $duty:ident $code:literal $afar:literal [$($span:ident)*])*) => {
        /// What not everybody may do.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Duty {
            $($(#[$doc])* $duty),*
        }

        impl Duty {
            /// In the order of the table.
            pub const ALL: &'static [Duty] = &[$(Duty::$duty),*];

            /// In JSON, and in the words `duty.open`.
            pub fn code(self) -> &'static str {
                match self {
                    $(Duty::$duty => $code),*
                }
            }

            /// Whether it may be done from another machine: it names no file here, and changes nothing but dossiers.
            pub fn from_afar(self) -> bool {
                match self {
                    $(Duty::$duty => $afar),*
                }
            }

            fn row(self) -> [Span; 9] {
                match self {
                    $(Duty::$duty => [$(Span::$span),*]),*
                }
            }
        }
    };
}

duties! {
    //                                           surv   revw   appr   cash   acct   supv   sys secu audt
    /// Open a household's dossier.
    Open            "open"              true    [Units  Reason Reason Units  No     Reason No  No  No]
    /// See what is covered.
    Reveal          "reveal"            true    [Units  Reason Reason Units  No     Reason No  No  No]
    /// Print something about a household, or write it into a file: what has left is looked after by nobody.
    Print           "print"             true    [Units  Reason Reason Units  No     Reason No  No  No]
    /// See what would change a category: shown to whoever surveys, it would coach.
    SeeFlips        "see_flips"         true    [No     Units  Units  No     No     No  No  No  No]
    /// Survey, and correct a survey.
    Survey          "survey"            true    [Units  No     No     No     No     No  No  No  No]
    /// Go on with a draft, or throw it away.
    OwnDraft        "own_draft"         true    [Own    No     No     No     No     No  No  No  No]
    /// Hand somebody's draft to somebody else, or throw it away, for a reason.
    OthersDraft     "others_draft"      false   [No     No     No     No     No     Units No  No  No]
    Ask             "ask"               true    [No     Units  Units  No     No     Units No  No  No]
    AnswerQuery     "answer_query"      true    [Units  No     No     No     No     No  No  No  No]
    /// One's own; the supervisor's, any.
    CloseQuery      "close_query"       true    [No     Own    Own    No     No     Units No  No  No]
    /// Hand a case in, or take it back for verification (提交、核实).
    Verify          "verify"            true    [Units  Units  Units  No     No     No  No  No  No]
    Review          "review"            true    [No     Units  No     No     No     No  No  No  No]
    /// Answer whoever objected to a notice.
    SettleObjection "settle_objection"  true    [No     Units  Units  No     No     No  No  No  No]
    /// Post the public notice, open the approved case, suspend it, refuse it before approval.
    Process         "process"           true    [No     Units  Units  No     No     No  No  No  No]
    Approve         "approve"           true    [No     No     Units  No     No     No  No  No  No]
    CloseCase       "close_case"        true    [No     Units  Units  No     No     No  No  No  No]
    /// Let an exclusion not count, let a paper come later: by name, for a reason.
    OverrideExclusion "override_exclusion" true [No     No     Units  No     No     No  No  No  No]
    /// Note papers as seen or owed, and a death.
    NotePapers      "note_papers"       true    [Units  Units  Units  No     No     No  No  No  No]
    /// Withdraw a step that somebody else may take; whoever may take it withdraws it by that right.
    WithdrawStep    "withdraw_step"     false   [No     No     No     No     No     Units No  No  No]
    /// What another rule set would make of all cases.
    Replay          "replay"            false   [No     Units  Units  No     No     Units No  No  No]
    /// Make a rule set the bureau's own.
    AdoptRules      "adopt_rules"       false   [No     No     All    No     No     All No  No  No]
    /// Take a form into the store.
    AddForm         "add_form"          false   [All    All    All    No     No     No  All No  No]
    /// Take many households over at once.
    Import          "import"            false   [No     All    No     No     No     No  No  No  No]
    /// Who looked at which household.
    SeeLooks        "see_looks"         true    [No     No     No     No     No     Units No  All All]
    /// Who came in, was refused, went; by which credentials.
    SeeLogins       "see_logins"        true    [No     No     No     No     No     No  All All All]
    /// Who may act, and where; how they get in.
    SetPeople       "set_people"        false   [No     No     No     No     No     No  All No  No]
    SetUnits        "set_units"         false   [No     No     No     No     No     No  All No  No]
    /// Who gives dossier numbers, and from which block.
    SetNumbers      "set_numbers"       false   [No     No     No     No     No     No  All No  No]
    /// Count the roll, list it, ask it again by name; and how it moved.
    Roll            "roll"              true    [Units  Units  Units  Units  No     Units No  No  No]
    /// Count by what is covered: an illness, a number.
    RollCovered     "roll_covered"      true    [Units  Units  Units  No     No     Units No  No  No]
    /// Open and close a round of surveys, say who visits which household.
    PlanRound       "plan_round"        true    [No     Units  No     No     No     Units No  No  No]
    /// Take lists and counts out of the house, in a file or on paper.
    TakeOut         "take_out"          true    [Units  Units  Units  No     No     Units No  No  No]
    /// Take whole surveys out, for those who study them.
    Export          "export"            false   [No     Units  No     No     No     Units No  No  No]
    /// Propose a payout for an open dossier.
    ProposeAid      "propose_aid"       true    [Units  Units  No     No     No     No     No  No  No]
    /// Check a payout's papers and account, post it publicly, refuse it.
    CheckAid        "check_aid"         true    [No     Units  No     No     No     No     No  No  No]
    /// Grant a payout, refuse it, give it up.
    DecideAid       "decide_aid"        true    [No     No     Units  No     No     No     No  No  No]
    /// Pay: send through the bank, take its answer in, hand out cash, settle.
    PayAid          "pay_aid"           true    [No     No     No     Units  No     No     No  No  No]
    /// See the fund's book: balances, statements, its proof.
    SeeFund         "see_fund"          true    [No     No     All    All    All    All    No  No  No]
    /// Keep the fund's book: places, purses, lines, reversals, void numbers.
    KeepBook        "keep_book"         true    [No     No     No     No     All    No     No  No  No]
    /// Check a period that was counted.
    CheckPeriod     "check_period"      true    [No     No     No     No     No     All    No  No  No]
    /// Close a period that was counted and checked.
    ClosePeriod     "close_period"      true    [No     No     All    No     No     No     No  No  No]
    /// Know donors by name: enter them, print their receipts.
    KeepDonors      "keep_donors"       true    [No     No     No     No     All    No     No  No  No]
    /// Settings of the bureau.
    SetBureau       "set_bureau"        false   [No     No     No     No     No     No  All No  No]
    /// Destroy the personal part of dossiers whose time is over.
    Erase           "erase"             false   [No     No     No     No     No     No  All No  No]
    /// Keys of the store, and a backup of all of it.
    KeepStore       "keep_store"        false   [No     No     No     No     No     No  All No  No]
}

impl Duty {
    /// How far it reaches for that role.
    pub fn span(self, role: Role) -> Span {
        let place = Role::ALL.into_iter().position(|known| known == role);
        place.and_then(|place| self.row().get(place).copied()).unwrap_or(Span::No)
    }

    /// The role to ask for it.
    pub fn first_role(self) -> Role {
        let carries = |role: &Role| self.span(*role) > Span::No;
        Role::ALL.into_iter().find(carries).unwrap_or(Role::SystemAdministrator)
    }

    /// Whose step of the status machine it is.
    pub fn of_step(to: Status) -> Duty {
        match to {
            Status::Draft | Status::Submitted | Status::Verifying => Duty::Verify,
            Status::Reviewed => Duty::Review,
            Status::Endorsed | Status::Noticed | Status::Open | Status::Suspended | Status::Rejected => Duty::Process,
            Status::Approved => Duty::Approve,
            Status::Closed => Duty::CloseCase,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duty_has_a_role_and_a_name_of_its_own() {
        let mut codes: Vec<&str> = Duty::ALL.iter().map(|duty| duty.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Duty::ALL.len());
        for duty in Duty::ALL {
            assert!(duty.span(duty.first_role()) > Span::No, "nobody may {}", duty.code());
        }
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
        assert_eq!(Role::from_code("king"), None);
    }

    #[test]
    fn whoever_manages_sees_no_household_and_whoever_works_manages_nothing() {
        use Duty::*;
        let management = [SeeLogins, SetPeople, SetUnits, SetNumbers, SetBureau, Erase, KeepStore];
        for duty in Duty::ALL.iter().copied().filter(|duty| ![AddForm, SeeLooks].contains(duty)) {
            for role in Role::ALL {
                let manages = role >= Role::SystemAdministrator;
                assert!(duty.span(role) == Span::No || manages == management.contains(&duty), "{duty:?} {role:?}");
            }
        }
    }

    #[test]
    fn a_reviewer_does_not_approve_and_an_approver_does_not_review() {
        assert_eq!((Duty::Approve.span(Role::Reviewer), Duty::Review.span(Role::Approver)), (Span::No, Span::No));
        assert_eq!(Duty::of_step(Status::Approved), Duty::Approve);
    }
}
