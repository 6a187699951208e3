"""Files with states of servers: (name, what differs from the state at the start, by server and column, or the text)."""

A, B, C, D, E = "app/a", "app/b", "app/c", "app/d", "two/a"

CASES = [
    ("nothing changed", {A: {}}),
    ("weight", {A: {"srv_uweight": 55}, E: {"srv_uweight": 7}}),
    ("weight 0", {A: {"srv_uweight": 0}}),
    ("weight of another line", {A: {"srv_uweight": 55, "srv_iweight": 11}}),
    ("weight too big", {A: {"srv_uweight": 257}, B: {"srv_uweight": 256}}),
    ("weight is a word", {A: {"srv_uweight": "x"}}),
    ("down", {A: {"srv_op_state": 0, "srv_time_since_last_change": 5000, "srv_check_status": 8, "srv_check_result": 2}}),
    ("down without checks", {B: {"srv_op_state": 0}}),
    ("up", {A: {"srv_op_state": 2, "srv_check_status": 6, "srv_check_result": 3, "srv_time_since_last_change": 9000}}),
    ("stopping", {A: {"srv_op_state": 3}}),
    ("no such state", {A: {"srv_op_state": 4}}),
    ("state is a word", {A: {"srv_op_state": "x"}}),
    *[(f"administrative bits {bits}", {A: {"srv_admin_state": bits}})
      for bits in (1, 2, 4, 5, 8, 9, 16, 24, 32, 33, 64, 128, -1)],
    *[(f"administrative bits {bits} of one that is disabled", {C: {"srv_admin_state": bits, "srv_op_state": 2 if bits & 8 else 0}})
      for bits in (0, 1, 4, 5, 8, 12)],
    ("down and in maintenance", {A: {"srv_admin_state": 1, "srv_op_state": 0, "srv_time_since_last_change": 5000}}),
    ("checks paused", {A: {"srv_check_state": 2}}),
    ("checks not configured", {A: {"srv_check_state": 4}}),
    ("agent paused", {D: {"srv_agent_state": 18}}),
    ("agent of one that has none", {A: {"srv_agent_state": 22}}),
    ("another address", {A: {"srv_addr": "127.0.0.9"}}),
    ("another port", {A: {"srv_port": 8181}}),
    ("no port", {A: {"srv_port": 99999}}),
    ("agent elsewhere", {D: {"srv_agent_addr": "127.0.0.7", "srv_agent_port": 98}}),
    ("other numbers", {A: {"srv_id": 9, "be_id": 9, "srv_uweight": 3}}),
    ("other name", {A: {"srv_name": "zz", "srv_uweight": 3}}),
    ("other backend", {A: {"be_name": "zz", "srv_uweight": 3}}),
    ("status unknown", {A: {"srv_check_status": 99}}),
    ("result unknown", {A: {"srv_check_result": 9}}),
    ("health is a word", {A: {"srv_check_health": "x"}}),
    ("time is a word", {A: {"srv_time_since_last_change": "x"}}),
    ("check state is a word", {A: {"srv_check_state": "x"}}),
    ("configured weight is a word", {A: {"srv_iweight": "x"}}),
]

# The whole file: {line} is one about app/a with weight 3, {other} one about app/b with weight 4, {short} what is missing a column.
TEXTS = [
    ("empty", ""),
    ("another version", "2\n{line}\n"),
    ("no version", "{line}\n"),
    ("no comment", "1\n{line}\n"),
    ("comments and empty lines", "1\n# x\n\n#\n{line}\n"),
    ("no end", "1\n{other}\n{line}"),
    ("a short line", "1\n{other}\n{short}\n"),
    ("the shortest line", "1\n{shortest}\n"),
    ("a long line", "1\n{line} and more words\n"),
    ("rubbish", "1\n{other}\nrubbish\n{line}\n"),
    ("binary rubbish", "1\n\x00\x01\x02\n"),
    ("twice", "1\n{line}\n{again}\n"),
    ("blanks and tabs", "1\n{wide}\n"),
]
