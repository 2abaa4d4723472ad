"""Records and indexes of jobs that never ran, as a daemon would have left them."""

import json
import pathlib
import sqlite3
import tempfile
import unittest
import uuid

import population

MODEL = "01a1fe65-d6c0-7756-812e-994d46fd38ef"
COLUMNS = [
    "id", "request_id", "created_at", "started_at", "ended_at", "outcome", "specification"]
ORDER = {"command": ["/bin/x"], "name": "x-1"}


class TestPopulation(unittest.TestCase):
    def test_checksums_are_those_of_the_formats(self):
        self.assertEqual(population.crc32c(b"123456789"), 0xE3069283)

    def test_each_job_has_a_row_and_files_of_its_own(self):
        with tempfile.TemporaryDirectory() as directory:
            state = self.make_state(pathlib.Path(directory))
            population.populate(state, MODEL, [ORDER] * 3)
            database = sqlite3.connect(state / "jobs.sqlite")
            ids = [id for id, in database.execute("SELECT id FROM jobs ORDER BY id")]
            requests = [job for job, in database.execute("SELECT job FROM requests ORDER BY job")]
            database.close()
            self.assertEqual(len(ids), 4)
            self.assertEqual(ids, requests)
            for id in set(ids) - {MODEL}:
                header = (state / "logs" / f"{id}.idx").read_bytes()[:64]
                self.assertEqual(uuid.UUID(id).version, 7)
                self.assertEqual(header[16:32], uuid.UUID(id).bytes)
                self.assertEqual(
                    int.from_bytes(header[60:], "little"), population.crc32c(header[:60]))
                self.assertEqual((state / "logs" / f"{id}.log").stat().st_size, 0)

    def test_the_times_of_a_job_are_moved_together(self):
        with tempfile.TemporaryDirectory() as directory:
            state = self.make_state(pathlib.Path(directory))
            population.populate(state, MODEL, [ORDER] * 2)
            database = sqlite3.connect(state / "jobs.sqlite")
            for created, started, ended in database.execute(
                    "SELECT created_at, started_at, ended_at FROM jobs"):
                self.assertEqual((started - created, ended - created), (5, 9))
            database.close()

    def test_each_job_was_ordered_in_its_own_words(self):
        with tempfile.TemporaryDirectory() as directory:
            state = self.make_state(pathlib.Path(directory))
            other = {**ORDER, "name": "x-2"}
            population.populate(state, MODEL, [ORDER, other, ORDER])
            database = sqlite3.connect(state / "jobs.sqlite")
            told = [
                json.loads(text) for text, in database.execute(
                    "SELECT specification FROM jobs WHERE id != ? ORDER BY id", [MODEL])]
            database.close()
        self.assertEqual([each["name"] for each in told], ["x-1", "x-2", "x-1"])
        self.assertEqual(told[0], {"command": ["/bin/x"], "isolation": "host", "name": "x-1"})

    def test_orders_are_of_many_kinds_in_no_order_and_the_same_every_time(self):
        orders = population.orders(4000, 40)
        self.assertEqual(orders, population.orders(4000, 40))
        self.assertEqual(len(orders), 4000)
        for member in ["name", "command", "labels"]:
            self.assertEqual(len({json.dumps(order[member]) for order in orders}), 40)
        self.assertEqual(len({order["command"][0] for order in orders}), 9)
        alike = sum(one == next for one, next in zip(orders, orders[1:]))
        self.assertAlmostEqual(alike, 100, delta=60)

    def make_state(self, state):
        (state / "logs").mkdir()
        (state / "logs" / f"{MODEL}.idx").write_bytes(bytes(192))
        database = sqlite3.connect(state / "jobs.sqlite")
        database.execute(f"CREATE TABLE jobs ({', '.join(COLUMNS)})")
        database.execute("CREATE TABLE requests (job, owner, request_id)")
        database.execute(
            "INSERT INTO jobs VALUES (?, 'r', 1000, 1005, 1009, 'succeeded', ?)",
            [MODEL, '{"command": ["/bin/true"], "isolation": "host"}'])
        database.execute("INSERT INTO requests VALUES (?, 1, 'r')", [MODEL])
        database.commit()
        database.close()
        return state


if __name__ == "__main__":
    unittest.main()
