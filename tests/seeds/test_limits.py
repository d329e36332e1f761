"""The shipped limits: what every one of them must be, whoever wrote it."""

import re
from datetime import date
from pathlib import Path

import pytest

from cases.catalogue import Core
from cases.statute.limits import Rollover, Status, Unit

SEEDS = Path(__file__).resolve().parents[2] / "seeds"

# The first limits, of which the product must have every one from the start.
FIRST_LIMITS = """
    adm_accept_review_24h crim_filing_review_3d econ_filing_review_7d intake_unclear_jurisdiction_3d
    psa_case_30d_v2012 psa_case_30d_v2025 adm_case_90d adm_quick_48h psa_inquiry_8h_v2012 psa_inquiry_8h_v2025
    crim_detain_to_centre_24h crim_detain_notify_24h crim_detain_interrogate_24h crim_arrest_request_3d
    proc_arrest_review_7d crim_custody_2m crim_custody_extend_request_7d crim_bail_12m crim_bail_expiry_notice_15d
    crim_residential_6m prop_adm_seizure_30d prop_adm_register_7wd xf_notify_15d xf_complete_60d adm_hearing_apply_5wd
""".split()

# Kinds of event that other parts of the product name.
EVENTS_NAMED = """
    incident_received incident_sorted case_accepted case_filed case_not_filed appraisal_commissioned appraisal_received
    hearing_notified hearing_ended extension_approved extension_notified decision_made mediation_agreed mediation_failed
    case_executed case_closed investigation_ended suspect_arrived expedited_agreed expedited_ended detained
    detention_extended arrest_requested arrest_approved arrested custody_extended identity_unknown identity_established
    other_crime_found transferred_for_prosecution measure_lifted bail_started residential_started property_seized
    seizure_extended property_returned property_disposed evidence_registered evidence_disposed petition_received
    petition_notified petition_accepted petition_answered petition_extended petition_told_extension matter_transferred
""".split()


@pytest.mark.parametrize("code", FIRST_LIMITS)
def test_a_first_limit_is_shipped_and_runs_on_some_kind_of_matter(law: Core, code: str) -> None:
    limit = law.limit(code)

    assert limit.status in (Status.VERIFIED, Status.SECONDARY)
    assert limit.kinds


def test_the_kinds_of_event_that_others_name_are_shipped(law: Core) -> None:
    assert [code for code in EVENTS_NAMED if code not in law.event_names] == []


def test_no_kind_of_event_is_there_for_nothing(law: Core) -> None:
    heard = {kind for limit in law.limits for kind in limit.kinds_heard()}

    # What happens to a matter without moving any limit.
    silent = {"expedited_agreed", "extension_notified", "matter_transferred", "supplement_received"}
    silent |= {"dispute_recorded", "dispute_mediation_began", "dispute_settled", "dispute_unsettled"}
    silent |= {"dispute_relapsed", "review_heard", "transferred_out", "transfer_out_accepted", "transfer_out_refused"}
    silent |= {"petition_declined", "petition_led", "petition_resolved", "petition_reopened"}
    silent |= {"complaint_closed"}
    assert set(law.event_names) - heard == silent


def test_what_is_not_verified_is_a_draft_or_says_where_it_is_from(law: Core) -> None:
    for limit in law.limits:
        assert limit.status is Status.DRAFT or limit.in_force_from, limit.code
        assert limit.status is Status.DRAFT or limit.article or limit.sources, limit.code


def test_a_custody_limit_never_rolls(law: Core) -> None:
    assert [limit.code for limit in law.limits if limit.custody and limit.rolls is not Rollover.NONE] == []


def test_a_limit_in_days_has_the_calendar_so_that_an_unannounced_year_shows(law: Core) -> None:
    without = [
        limit.code
        for limit in law.limits
        if not limit.calendar and not (limit.unit.exact and all(tier.unit.exact for tier in limit.tiers))
    ]

    assert without == []


def test_what_counts_backwards_is_brought_forward_from_a_day_off(law: Core) -> None:
    """A duty before something must not become due after it."""
    backward = [limit for limit in law.limits if limit.backward and limit.unit is not Unit.WORKDAY]

    assert backward
    assert {limit.rollover for limit in backward} == {Rollover.BACKWARD}


def test_a_limit_that_is_no_upper_bound_raises_nothing(law: Core) -> None:
    assert [limit.code for limit in law.limits if limit.bound != "max" and limit.kinds] == []


def test_every_limit_has_a_ladder(law: Core) -> None:
    assert [limit.code for limit in law.limits if law.ladder_for(limit) is None] == []


def test_the_2012_and_2025_texts_meet_without_a_gap(law: Core) -> None:
    for family in ("psa_case_30d", "psa_inquiry_8h"):
        old, new = sorted(law.family(family), key=lambda limit: limit.code)
        assert (old.in_force_until, new.in_force_from) == (date(2025, 12, 31), date(2026, 1, 1))


def test_what_people_read_is_in_chinese(law: Core) -> None:
    latin = re.compile(r"[A-Za-z]{3,}")
    texts = {
        limit.code: " ".join((limit.name, limit.notes, limit.applies_to, limit.start_text, limit.end_text, limit.law))
        for limit in law.limits
    }

    assert [code for code, text in texts.items() if latin.search(text)] == []
    assert [code for code, name in law.event_names.items() if latin.search(name)] == []
