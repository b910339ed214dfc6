"""What is asked for of the service's security, and the tests that show it: a row for each, by its id.

The list is read by `test_requirements.py`, which checks that every test that is named is there. A row that names no
test says why nothing can be shown.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """What is asked for; the files under `tests/` and the tests in them that show it; or why there is none."""

    asked: str
    shown: tuple[str, ...] = ()
    none: str = ""


GATE = "security/test_hostile_text.py"
POWER = "security/test_power.py"
BROWSER = "browser/test_hostile.py"
TYPES = "security/test_types.py"
PUBLIC = "security/test_public_matrix.py"

REQUIREMENTS: dict[str, Row] = {
    "X1": Row(
        "An address is judged by one validator whichever way it comes, and escaped where it is shown.",
        (
            f"{GATE}::test_a_website_is_judged_alike_by_every_way_and_taken_in_its_one_safe_spelling",
            f"{GATE}::test_nothing_that_shows_it_is_active",
            f"{GATE}::test_nothing_would_be_if_nobody_had_judged_it",
        ),
    ),
    "X2": Row(
        "A preview is as safe as a comment.",
        (
            f"{BROWSER}::test_a_preview_is_as_safe_as_a_comment",
            f"{POWER}::test_a_fault_of_the_service_is_seen_where_it_is",
        ),
    ),
    "X3": Row(
        "Nothing changes HTML after it was sanitised.",
        (
            "unit/text/test_text_clean.py::test_the_net_finds_nothing_to_do_after_bleach_but_spell_entities",
            f"{GATE}::test_no_comment_becomes_active_and_nh3_would_leave_it_as_it_is",
            f"{POWER}::test_a_change_after_the_sanitiser_is_seen",
            "house/test_house.py::test_the_house_is_without_fault",
        ),
    ),
    "X4": Row(
        "Plain text is read off the tree, never cut out of a string.",
        ("unit/text/test_text_readable.py", f"{GATE}::test_nothing_that_shows_it_is_active"),
    ),
    "X5": Row(
        "Every name, address, title and reason is text wherever operators see it.",
        (
            "api/test_admin_hostile.py::test_what_is_shown_is_text",
            "house/test_house.py::test_the_house_is_without_fault",
        ),
    ),
    "X6": Row("No image is fetched or handed on.", none="there is no image proxy, and images are no part of comments"),
    "X7": Row("Configuration is text.", (f"{BROWSER}::test_a_configuration_is_text_and_reaches_no_prototype",)),
    "X8": Row(
        "The service does not start on one leg.",
        ("unit/text/test_text_clean.py::test_the_self_test_refuses_when_a_single_stage_is_broken",),
    ),
    "X9": Row("Links lead where they say, by http, https or mailto.", ("unit/text/test_text_links.py",)),
    "X10": Row("Mails hold no link and no picture of a comment.", none="no mail is sent yet"),
    "X11": Row(
        "Named elements of a host page and polluted options change nothing.",
        (
            f"{BROWSER}::test_clobbered_names_of_the_host_page_change_nothing",
            f"{BROWSER}::test_a_configuration_is_text_and_reaches_no_prototype",
            f"{BROWSER}::test_a_faulty_service_is_no_fault_of_the_page",
        ),
    ),
    "X12": Row(
        "No text costs more than its due.", ("unit/text/test_text_cost.py::test_no_comment_at_the_limit_costs_much",)
    ),
    "A1": Row(
        "The site follows from what is named, never from a second word of the request.",
        ("api/test_thread.py::test_a_query_that_is_not_understood_is_refused", "api/test_origins.py"),
    ),
    "A2": Row(
        "Everybody may do what is theirs, on every route.",
        (
            "api/test_moderation.py::test_everybody_may_do_what_is_theirs",
            "api/test_admin_matrix.py::test_everybody_may_do_what_is_theirs",
            "api/test_admin_matrix.py::test_what_is_another_sites_is_answered_like_what_does_not_exist",
            f"{PUBLIC}::test_everybody_is_told_what_is_theirs",
        ),
    ),
    "A3": Row("A value of another type is refused.", (f"{TYPES}::test_no_body_is_a_fault", "api/test_bodies.py")),
    "A4": Row("No column is written by its name.", (f"{TYPES}::test_no_column_can_be_written_by_its_name",)),
    "A5": Row(
        "No foreign page acts as an operator, and none writes without a preflight.",
        ("api/test_bodies.py::test_only_json_is_taken", "api/test_admin_forms.py", "api/test_fallback_origin.py"),
    ),
    "A6": Row("Only a site's own pages write there.", ("api/test_origins.py",)),
    "A7": Row("A link in a mail acts only once, and by POST.", none="no mail is sent yet; links to set a password: A2"),
    "A8": Row(
        "Nobody is at another address by saying so.",
        (
            "unit/web/test_client_address.py::test_the_first_address_from_the_right_that_is_no_proxy_counts",
            "unit/web/test_client_address.py::test_no_other_header_is_asked",
            "api/test_limits.py::test_nobody_gets_a_new_address_by_saying_so",
        ),
    ),
    "A9": Row("A /64 is one address.", ("api/test_limits.py::test_a_network_of_ipv6_counts_as_one_address",)),
    "A10": Row(
        "Nobody is sent elsewhere after signing in.", ("api/test_admin_signin.py::test_nobody_is_sent_elsewhere",)
    ),
    "A11": Row(
        "No link follows the Host header where a public address is set.",
        (
            "api/test_people_api.py::test_a_link_begins_with_the_public_address_whatever_host_is_asked_for",
            "api/test_admin_headers.py::test_no_redirect_leads_where_a_request_says",
        ),
    ),
    "A12": Row(
        "Nobody frames a page.",
        (
            "api/test_headers.py::test_a_page_runs_no_script_and_is_framed_by_nobody",
            "api/test_admin_headers.py::test_every_page_has_them",
        ),
    ),
    "A13": Row(
        "What is not shown is as if it were not there.",
        (
            "security/test_told_alike.py::test_a_comment_that_is_not_shown_is_as_if_it_were_not_there",
            f"{PUBLIC}::test_nor_does_a_guess_make_a_route_tell_more",
            "api/test_admin_signin.py::test_what_is_wrong_is_told_the_same_and_costs_the_same",
        ),
    ),
    "A14": Row("Messages of windows are not believed.", none="there is no iframe and no message"),
    "A15": Row("Orders and sizes are of a list.", (f"{TYPES}::test_no_query_is_a_fault",)),
    "S1": Row("No page is fetched.", ("security/test_outbound.py::test_a_page_that_is_posted_to_is_never_asked_for",)),
    "S2": Row("Webhooks reach no inner host.", none="there are no webhooks yet"),
    "S3": Row("An import survives bombs.", ("unit/transfer/test_xml.py::test_a_bomb_is_refused_in_little_memory",)),
    "S4": Row(
        "No path follows from what is asked.", ("api/test_problems.py::test_what_is_wrong_with_a_request_is_said",)
    ),
    "S5": Row("Nothing is uploaded.", none="readers send text alone; an operator's spam filter is read and not kept"),
    "S6": Row("Feeds are sound XML, tables no formulas.", none="there is no feed and no CSV yet"),
    "G1": Row(
        "Hostile text by every way into every field, and all that shows it.",
        (
            f"{GATE}::test_each_sanitiser_alone_leaves_nothing_active",
            f"{GATE}::test_nor_does_anything_of_the_public_collections",
            f"{BROWSER}::test_no_script_runs_wherever_it_is_read",
        ),
    ),
    "G2": Row(
        "Planted faults turn it red.",
        (
            f"{POWER}::test_a_sanitiser_that_lets_through_is_seen_though_the_other_holds",
            f"{POWER}::test_a_change_after_the_sanitiser_is_seen",
            f"{POWER}::test_a_cleaner_that_threads_share_is_seen",
            f"{POWER}::test_a_fault_of_the_service_is_seen_where_it_is",
        ),
    ),
    "G3": Row("Worst cases cost little.", ("unit/text/test_text_cost.py::test_the_gate_has_all_the_cases",)),
    "G4": Row(
        "The matrix has every route.",
        (
            "api/test_moderation.py::test_every_route_has_its_row",
            "api/test_admin_matrix.py::test_every_route_has_its_row",
            f"{PUBLIC}::test_every_route_has_its_row",
            f"{PUBLIC}::test_a_route_that_tells_of_any_comment_is_seen",
        ),
    ),
    "G5": Row(
        "Every route has its headers.",
        ("api/test_headers.py::test_all_routes_are_looked_at_here", "security/test_headers_of_routes.py"),
    ),
    "G6": Row(
        "No value is a fault.",
        (
            f"{TYPES}::test_no_body_is_a_fault",
            f"{TYPES}::test_no_path_is_a_fault",
            "security/test_description_holds.py",
        ),
    ),
    "G7": Row(
        "Nothing acknowledged is lost.",
        ("faults/test_crashes.py", "faults/test_disk.py", "faults/test_retries.py", "faults/test_closing.py"),
    ),
    "G8": Row(
        "Sixteen threads render what one does.",
        ("unit/text/test_text_clean.py::test_sixteen_threads_render_what_one_thread_renders",),
    ),
    "G9": Row("Nobody is called.", ("security/test_outbound.py::test_the_watch_sees_who_leaves",)),
    "G10": Row("Dependencies are looked after.", ("security/test_dependencies.py",)),
}
