// The program as its user meets it: what it says and how it ends.
#include "tests/tools/made_directory.hpp"

using namespace csrflow::tools::test;

TEST_CASE("help has examples, and a wrong option is a wrong usage") {
  Ended help = run("--help");
  CHECK(help.code == 0);
  CHECK(says(help, "Examples:"));
  CHECK(says(help, "Exit codes:"));
  for (const char* command :
       {"serve", "init", "history", "log", "replay", "timers", "version", "completion"}) {
    INFO(command);
    CHECK(says(help, command));
    CHECK(run(std::string(command) + " --help").code == 0);
  }
  CHECK(run("serve --bogus").code == 2);
  CHECK(run("").code == 2);
  CHECK(says(run("serve --data /nowhere --listen nowhere"), "ADDRESS:PORT"));
}

TEST_CASE("version is for people and for programs") {
  CHECK(says(run("version"), "csrflow "));
  CHECK(says(run("version --output json"), R"("sqlite":")"));
}

TEST_CASE("a made directory can be read: log, history, replay") {
  Made made;
  std::string data = " --data " + made.data().string();
  CHECK(says(run("log" + data), "log/events@1 created"));
  CHECK(says(run("log --limit 1 --output json" + data), R"("position":1,)"));
  CHECK(says(run("log --type ca_issued" + data), "ca_issued"));
  Ended nobody = run("history nobody" + data);
  CHECK(nobody.code == 3);
  CHECK(says(nobody, "no request was ever called nobody"));
  Ended replay = run("replay" + data);
  CHECK(replay.code == 0);
  CHECK(says(replay, "all views are equal"));
  CHECK(says(run("replay --output json" + data), R"("equal":true)"));
}

TEST_CASE("what is not there has an exit code of its own") {
  for (const char* command : {"history jane", "log", "replay"}) {
    Ended ended = run(std::string(command) + " --data /nowhere");
    CHECK(ended.code == 3);
    CHECK(says(ended, "there is no data directory /nowhere"));
  }
  CHECK(run("log --data /nowhere --after -1").code == 2);
}

TEST_CASE("a directory that does not fit together is one clear sentence, and nothing is changed") {
  Made made;
  SECTION("a foreign file") {
    fs::remove(made.data() / "events.db-wal");
    overwrite(made.data() / "events.db", "hello");
    CHECK(says(made.serve(), "is not a SQLite database"));
  }
  SECTION("a truncated log") {
    fs::resize_file(made.data() / "events.db", 9000);
    CHECK(says(made.serve(), "is damaged or cut short"));
  }
  SECTION("no CA key") {
    fs::remove(made.data() / "ca.key");
    CHECK(says(made.serve(), "ca.key is missing"));
    CHECK_FALSE(fs::exists(made.data() / "ca.key"));
  }
  SECTION("another CA key") {
    Made other;
    fs::copy_file(other.data() / "ca.key", made.data() / "ca.key", fs::copy_options::overwrite_existing);
    CHECK(says(made.serve(), "is not the key of the CA in this log"));
  }
  SECTION("another log key") {
    Made other;
    fs::copy_file(other.data() / "log.key", made.data() / "log.key", fs::copy_options::overwrite_existing);
    CHECK(says(made.serve(), "is not the key that this log names"));
  }
  SECTION("a lost key of the server or the administrator is replaced, with its certificate") {
    for (const char* key : {"server.key", "admin.key"}) {
      fs::remove(made.data() / key);
      CHECK(run("init --log-level error --data " + made.data().string()).code == 0);
      CHECK(fs::exists(made.data() / key));
    }
    CHECK(says(run("log --type rotated --data " + made.data().string()), "own/server"));
    CHECK(says(run("log --type rotated --data " + made.data().string()), "own/admin"));
  }
  SECTION("a key that others can read") {
    fs::permissions(made.data() / "ca.key", fs::perms::group_read, fs::perm_options::add);
    CHECK(says(made.serve(), "chmod 600"));
  }
  SECTION("a token file that is none") {
    overwrite(made.data() / "tokens.csv", "just-one-column\n");
    CHECK(says(made.serve("--token-auth-file " + (made.data() / "tokens.csv").string()), "tokens.csv"));
  }
  SECTION("a signer that is not served") {
    CHECK(says(made.serve("--signing-duration example.com/web=1h"), "no signer of this name"));
    CHECK(says(made.serve("--csr-retention issued=soon"), "is not understood"));
    CHECK(says(made.serve("--csr-retention signed=1h"), "write STATE=DURATION"));
    CHECK(says(made.serve("--signing-duration kubernetes.io/kubelet-serving=soon"),
               "kubernetes.io/kubelet-serving=soon"));
  }
}

TEST_CASE("the CA's key can be encrypted, and then wants its passphrase") {
  std::string base = fs::temp_directory_path() / "csrflow-cli-XXXXXX";
  fs::path root = mkdtemp(base.data());
  overwrite(root / "passphrase", "correct horse\n");
  fs::permissions(root / "passphrase", fs::perms::owner_read | fs::perms::owner_write);
  std::string data = " --data " + (root / "ca").string();
  REQUIRE(run("init --ca-key-passphrase-file " + (root / "passphrase").string() + data).code == 0);
  std::ifstream key(root / "ca" / "ca.key");
  std::string first;
  std::getline(key, first);
  CHECK(first == "-----BEGIN ENCRYPTED PRIVATE KEY-----");
  Ended without = run("init" + data);
  CHECK(without.code == 1);
  CHECK(says(without, "passphrase"));
  CHECK(run("init --ca-key-passphrase-file " + (root / "passphrase").string() + data).code == 0);
  fs::remove_all(root);
}

TEST_CASE("completion scripts name every command") {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    INFO(shell);
    Ended script = run(std::string("completion ") + shell);
    CHECK(script.code == 0);
    for (const char* command : {"serve", "history", "replay"}) CHECK(says(script, command));
  }
  CHECK(run("completion tcsh").code == 2);
}
