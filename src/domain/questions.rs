//! Names of questions of the built-in form that the program reads or fills in itself. What a form is asked for elsewhere
//! it says in columns of its own; these are what rules, the face of a household and the roll rest on, and they never change:
//! answers of years ago stand under them. `tests/house/questions.rs` holds them against the form.

/// Groups of the built-in form that are about the visit itself: of what they ask nothing stands until the next one.
pub const OF_THE_VISIT: &[&str] = &["visit", "refusal", "life", "sign_off"];

/// What the national form (困难职工档案表, as provinces print it since 2016) asks about the worker and the household, in its
/// order: what whoever copies a file into the national system looks for next.
pub const NATIONAL_FORM: &[&str] = &[
    "name",
    "ethnicity",
    "sex",
    "political_status",
    "id_number",
    "birth_date",
    "health_status",
    "disability_category",
    "work_status",
    "model_worker",
    "housing_type",
    "housing_area",
    "phone",
    "postcode",
    "work_start",
    "industry",
    "marital_status",
    "hukou_type",
    "address",
    "work_unit",
    "unit_nature",
    "unit_condition",
    "single_parent",
    "own_month_wage",
    "income_year",
    "household_size",
    "pc_gross",
    "hukou_division",
    "medical_ins",
    "self_help",
    "zero_employment",
];

/// The same of each member.
pub const NATIONAL_MEMBER: &[&str] = &[
    "m_name",
    "m_relation",
    "m_sex",
    "m_political",
    "m_id_number",
    "m_birth_date",
    "m_health",
    "m_month_income",
    "m_person_status",
    "m_medical_ins",
    "m_unit",
    "m_school",
    "m_education",
    "m_enrol_year",
    "m_school_years",
];

/// And at its end.
pub const NATIONAL_END: &[&str] = &["cause_main", "cause_other", "bank_name", "bank_account", "account_holder"];

/// What stands as one sum on the national form: income of a year that is no wage.
pub const INCOME_BESIDE_WAGES: &[&str] = &["inc_business", "inc_property", "inc_pension", "inc_transfer", "inc_other"];

macro_rules! questions {
    ($($name:ident $text:literal)*) => {
        $(pub const $name: &str = $text;)*

        /// All of them, in the order of the form.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

questions! {
    DOSSIER_NO "dossier_no"
    PREVIOUS_SURVEY_DATE "previous_survey_date"
    SURVEY_TYPE "survey_type"
    SURVEY_DATE "survey_date"
    CONSENT_SENSITIVE "consent_sensitive"
    REFUSED_NAME "refused_name"
    REFUSED_UNIT "refused_unit"
    APP_FOR "app_for"
    APP_ACCEPTED_ON "app_accepted_on"
    NAME "name"
    ID_NUMBER "id_number"
    SEX "sex"
    BIRTH_DATE "birth_date"
    HEALTH_STATUS "health_status"
    DISEASE_NAME "disease_name"
    LABOUR "labour"
    HUKOU_DIVISION "hukou_division"
    ADDRESS "address"
    PHONE "phone"
    UNION_MEMBER "union_member"
    WORK_UNIT "work_unit"
    WORK_STATUS "work_status"
    BANK_ACCOUNT "bank_account"
    HOUSEHOLD_SIZE "household_size"
    SINGLE_PARENT "single_parent"
    DIBAO_STATUS "dibao_status"
    HOUSING_AREA "housing_area"
    HOUSING_COUNT "housing_count"
    HAS_VEHICLE "has_vehicle"
    HAS_BUSINESS "has_business"
    FINANCIAL_ASSETS "financial_assets"
    PRIVATE_SCHOOL_ABROAD "private_school_abroad"
    OTHER_EXCLUSIONS "other_exclusions"
    MEMBERS "members"
    M_NAME "m_name"
    M_RELATION "m_relation"
    M_ID_NUMBER "m_id_number"
    M_SEX "m_sex"
    M_BIRTH_DATE "m_birth_date"
    M_HEALTH "m_health"
    M_DISEASE "m_disease"
    M_PERSON_STATUS "m_person_status"
    M_SCHOOL_STAGE "m_school_stage"
    M_ENROL_YEAR "m_enrol_year"
    M_SCHOOL_YEARS "m_school_years"
    M_MONTH_INCOME "m_month_income"
    M_LABOUR "m_labour"
    M_LIVES_TOGETHER "m_lives_together"
    M_AWAY "m_away"
    CAUSE_MAIN "cause_main"
    CAUSE_OTHER "cause_other"
    CAUSE_NOTE "cause_note"
    INCOME_PERIOD "income_period"
    INCOME_FROM "income_from"
    INCOME_TO "income_to"
    MINIMUM_WAGE "minimum_wage"
    OWN_MONTH_WAGE "own_month_wage"
    INC_WAGE "inc_wage"
    INC_BUSINESS "inc_business"
    INC_PROPERTY "inc_property"
    INC_PENSION "inc_pension"
    INC_TRANSFER "inc_transfer"
    INC_OTHER "inc_other"
    NOT_INCOME "not_income"
    NOT_COUNTED "not_counted"
    NC_KIND "nc_kind"
    NC_AMOUNT "nc_amount"
    INC_UNION_AID "inc_union_aid"
    UNION_AID_COUNTS "union_aid_counts"
    INCOME_YEAR "income_year"
    STAYS "stays"
    ST_REASON "st_reason"
    ST_PERSON "st_person"
    ST_FROM "st_from"
    ST_BILL "st_bill"
    ST_REIMB "st_reimb"
    ST_OTHER "st_other"
    ST_SELF "st_self"
    EXP_MED_TOTAL "exp_med_total"
    EXP_MED_REIMB "exp_med_reimb"
    EXP_MED_SELF "exp_med_self"
    EXP_EDUCATION "exp_education"
    EXP_DISABILITY "exp_disability"
    EXP_EMPLOYMENT "exp_employment"
    LOSS_ACCIDENT "loss_accident"
    LOSS_COMPENSATED "loss_compensated"
    ACCIDENTAL_FROM "accidental_from"
    ACCIDENTAL_UNTIL "accidental_until"
    EVENT_KIND "event_kind"
    EVENT_DATE "event_date"
    EVENT_PERSON "event_person"
    EVENT_HARM "event_harm"
    EVENT_MAJOR "event_major"
    EVENT_RENEWAL "event_renewal"
    EVENT_RENEWAL_WHY "event_renewal_why"
    EXP_RIGID "exp_rigid"
    DIBAO_LINE "dibao_line"
    PC_GROSS "pc_gross"
    PC_NET "pc_net"
    LOSS_RATIO "loss_ratio"
    RETIREMENT_AGE_MALE "retirement_age_male"
    RETIREMENT_AGE_FEMALE "retirement_age_female"
    JOB_NEEDS "job_needs"
    JN_PERSON "jn_person"
    JN_TYPE "jn_type"
    HELP_WANTED "help_wanted"
    HAS_CHANGE "has_change"
    CHANGES "changes"
    CH_DATE "ch_date"
    CH_TYPE "ch_type"
    CH_PERSON "ch_person"
    CH_AMOUNT "ch_amount"
    CH_EVIDENCE "ch_evidence"
    CAUSE_GONE "cause_gone"
    SELF_HELP "self_help"
    ZERO_EMPLOYMENT "zero_employment"
    SKILLS "skills"
    SK_PERSON "sk_person"
    SK_OCCUPATION "sk_occupation"
}
