"""The dependency graph against edges written by hand from the documentation of two APIs."""

import pytest
from tasks.samples import APIS, landscape

from toolbench.model.pointers import parts
from toolbench.tasks.references import dependency_graph, neighbourhoods, references, referring

LIBRARY = """
listBranches > listCopies branch_id, addCopy branch_id, updateCopy branch_id, registerMember home_branch_id
listBranches > updateMember home_branch_id, returnLoan branch_id, placeHold pickup_branch_id
searchBooks > getBook bookId, listCopies bookId, addCopy bookId, placeHold book_id
addBook > getBook bookId, listCopies bookId, addCopy bookId, placeHold book_id
getBook > listCopies bookId, addCopy bookId, placeHold book_id
listCopies > updateCopy copyId, checkOutCopy copy_id
addCopy > updateCopy copyId, checkOutCopy copy_id
listMembers > updateMember memberId, listLoans member_id, checkOutCopy member_id, placeHold member_id
listMembers > listHolds member_id
registerMember > updateMember memberId, listLoans member_id, checkOutCopy member_id, placeHold member_id
getMemberByCard > updateMember memberId, listLoans member_id, checkOutCopy member_id, placeHold member_id
listLoans > renewLoan loanId, returnLoan loanId
checkOutCopy > renewLoan loanId, returnLoan loanId
listHolds > cancelHold holdId
placeHold > cancelHold holdId
listCopies > addCopy branch_id, placeHold pickup_branch_id
listMembers > addCopy branch_id, placeHold pickup_branch_id
getMemberByCard > addCopy branch_id, placeHold pickup_branch_id
listLoans > updateCopy copyId, updateMember memberId, checkOutCopy member_id, checkOutCopy copy_id, placeHold member_id
listHolds > getBook bookId, listCopies bookId, addCopy bookId, addCopy branch_id, updateMember memberId
listHolds > checkOutCopy member_id, placeHold member_id, placeHold book_id, placeHold pickup_branch_id
"""

CLINIC = """
listPatients > getPatient patient_id, updatePatient patient_id, listPrescriptions patient_id, listLabResults patient_id
listPatients > prescribeMedication patient_id, bookAppointment patient_id, listAppointments patient_id
listPatients > listInvoices patient_id
registerPatient > getPatient patient_id, updatePatient patient_id, listPrescriptions patient_id
registerPatient > prescribeMedication patient_id, bookAppointment patient_id
getPatient > updatePatient patient_id, listPrescriptions patient_id, prescribeMedication patient_id
listPractitioners > bookAppointment practitioner_id, prescribeMedication practitioner_id
listPractitioners > rescheduleAppointment practitioner_id, listAppointments practitioner_id
listAppointments > rescheduleAppointment appointment_id, cancelAppointment appointment_id
listAppointments > checkInAppointment appointment_id, deleteAppointment appointment_id
bookAppointment > rescheduleAppointment appointment_id, cancelAppointment appointment_id
bookAppointment > checkInAppointment appointment_id
listPrescriptions > renewPrescription prescription_id
prescribeMedication > renewPrescription prescription_id
listInvoices > payInvoice invoice_id
listPrescriptions > prescribeMedication practitioner_id, bookAppointment practitioner_id
listLabResults > prescribeMedication practitioner_id, bookAppointment practitioner_id
listAppointments > getPatient patient_id, updatePatient patient_id, listPrescriptions patient_id
listAppointments > listLabResults patient_id, bookAppointment patient_id, bookAppointment practitioner_id
listAppointments > prescribeMedication patient_id, prescribeMedication practitioner_id
listInvoices > getPatient patient_id, updatePatient patient_id, listPrescriptions patient_id
listInvoices > listLabResults patient_id, bookAppointment patient_id, prescribeMedication patient_id
listInvoices > deleteAppointment appointment_id, rescheduleAppointment appointment_id
listInvoices > cancelAppointment appointment_id, checkInAppointment appointment_id
"""


def at(shapes, schema, place):
    for part in place:
        schema = shapes.items(schema) if part == "*" else shapes.properties(schema)[part]
    return schema


def by_hand(api, text):
    for line in text.strip().splitlines():
        producer, _, consumers = line.partition(" > ")
        for consumer, argument in (each.split() for each in consumers.split(", ")):
            yield f"{api}_{producer}", f"{api}_{consumer}", argument


@pytest.mark.parametrize(("api", "text"), [("library", LIBRARY), ("clinic", CLINIC)])
def test_every_true_edge_is_there(api, text):
    graph = dependency_graph(landscape(api))
    found = {(producer, consumer, argument) for producer, consumer, argument in graph.edges(keys=True)}
    missing = set(by_hand(api, text)) - found
    assert not missing


@pytest.mark.parametrize(("api", "text"), [("library", LIBRARY), ("clinic", CLINIC)])
def test_few_others_are(api, text):
    graph = dependency_graph(landscape(api))
    known = {(producer, argument) for producer, _, argument in by_hand(api, text)}
    others = [edge for edge in graph.edges(keys=True) if (edge[0], edge[2]) not in known]
    assert len(others) <= 0.1 * graph.number_of_edges(), others


@pytest.mark.parametrize("api", APIS)
def test_edges_end_in_arguments_that_exist(api):
    world = landscape(api)
    graph = dependency_graph(world)
    assert set(graph.nodes) == set(world.operations)
    shapes = world.models[api].shapes
    for producer, consumer, data in graph.edges(data=True):
        place = data["argument"].split("/")
        assert at(shapes, world.operations[consumer].tool.parameters["properties"][place[0]], place[1:]) is not None
        assert at(shapes, world.operations[producer].tool.returns, parts(data["source"])) is not None
        assert data["resource"] in world.resources
        assert producer != consumer


@pytest.mark.parametrize("api", APIS)
def test_edges_are_few(api):
    graph = dependency_graph(landscape(api))
    pairs = {(producer, consumer) for producer, consumer in graph.edges()}
    assert graph.number_of_nodes() <= len(pairs) < 0.25 * graph.number_of_nodes() ** 2


def test_required_says_whether_a_call_can_do_without():
    world = landscape("library")
    found = {one.argument: one.required for one in references(world, world.operations["library_placeHold"])}
    assert found == {("member_id",): True, ("book_id",): True, ("pickup_branch_id",): True}
    found = {one.argument: one.required for one in references(world, world.operations["library_listCopies"])}
    assert found == {("bookId",): True, ("branch_id",): False}


def test_keys_inside_lists_and_objects_are_found():
    world = landscape("orders")
    found = {one.argument: one.resource.id for one in references(world, world.operations["orders_create_order"])}
    assert found[("items", "*", "product_id")] == "orders:/products"


def test_keys_lead_to_other_apis():
    both = landscape("crm", "orders")
    graph = dependency_graph(both)
    assert graph.has_edge("crm_listCustomers", "orders_create_order")
    assert neighbourhoods(both, graph) == {"crm": ("crm",), "orders": ("crm", "orders")}
    alone = landscape("orders")
    assert neighbourhoods(alone, dependency_graph(alone)) == {"orders": ("orders",)}


def test_what_refers_to_a_thing():
    found = referring(landscape("library"))
    assert [(resource.noun, name) for resource, name in found["library:/members"]] == [
        ("hold", "member_id"),
        ("loan", "member_id"),
    ]
