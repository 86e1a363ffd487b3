"""The permission matrix: every route of the URLconf x every method x every role x own and foreign project.

How to add a row. A new route without a row fails `tests/portal/test_permission_matrix.py`; the failure prints the row
as the portal answers now. Judge it, do not just copy it, and put it into the module of `rows` that fits its room:

    GET  signoff:round   L N RRRRRRR RRR          method, name of the route, one letter for each role
    GET  home:inbox      L R RRRRRRR RRR / R      after the stroke: what a stranger to the project gets (N if absent)

Roles, in the order of the letters: nobody, outsider | viewer, contributor, lead, sponsor, reviewer, risk officer,
customer | manager, auditor, administrator. The stranger holds every role in the one project and asks about the other.

    R  may read                 r  may, but there is nothing to read now (400, 409)
    D  deed done                d  may, but state or input does not allow it (400, 409)
    F  refused: 403             N  as if it did not exist: 404             L  sent to sign-in: 401, or the page for it

An address takes its arguments from `Place.arguments` (world.py); others are named in the module's FILL by route. A deed
sends what SEND says by method and route: a minimal, well-formed body, so that nothing but the person decides; `before`
brings the project into the state that the deed needs. A GET or DELETE sends it as its query. Prefer D to d: a deed that
is never done proves little.
"""
