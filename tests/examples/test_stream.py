"""The table's stream and its Lambda functions: the seed is not in it, what the test writes is."""


def send(target, group):
    sender = group.participants[0]
    return target.create_message(user_uuid=sender.uuid, message_group_uuid=group.uuid, message="hello")


def test_a_message_moves_its_group_to_the_top(harness_target, harness_stream, harness_dataset):
    group = harness_dataset.groups[-1]
    trigger = harness_stream("message_group_stream")
    sent = send(harness_target, group)
    delivery = trigger.drain()
    assert (delivery.failures, delivery.discarded) == (0, 0)
    top = harness_target.list_message_groups(user_uuid=group.participants[1].uuid).entries[0]
    assert (top.uuid, top.message, top.created_at) == (group.uuid, "hello", sent.created_at)


def test_all_handlers_of_the_project(harness_target, harness_stream, harness_dataset):
    send(harness_target, harness_dataset.groups[0])
    assert harness_stream.drain().records


def test_a_function_of_the_test(harness_dynamodb_table, harness_stream):
    events = []
    trigger = harness_stream(lambda event, context: events.append(event), mapping={"BatchSize": 2})
    for number in range(3):
        harness_dynamodb_table.put_item(Item={"pk": "MSG#1", "sk": str(number)})
    delivery = trigger.drain()
    assert (delivery.records, delivery.invokes) == (3, 2)
    assert [len(event["Records"]) for event in events] == [2, 1]
    assert events[0]["Records"][0]["dynamodb"]["Keys"]["sk"] == {"S": "0"}
