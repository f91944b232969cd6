package io.relaunchguard.it.installer;

import static io.relaunchguard.it.installer.Shell.lives;
import static io.relaunchguard.it.installer.Shell.quoted;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every package's script must do: real packages, real package managers that keep their database and their files in a
 * folder of the test's own, real processes. The application is sleep(1), copied to where it is installed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Needs(Need.ROOT)
abstract class PackageCases {

    private static final String NAME = "relaunch-guard-app";
    private static final String PROGRAM = "lib/app/app";
    /** Tenths of a second before force. */
    private static final int CLOSE_WAIT = 15;

    private final Matrix matrix;
    private Sandbox sandbox;
    private Shell shell;
    private Map<String, Process> started;

    PackageCases(String title) {
        matrix = new Matrix(title);
    }

    /** The script that makes this package in the file {@code out}, of the files in {@code files}. */
    abstract String build(Path folder, String directory, String version, String files, String out) throws IOException;

    /** The command that installs it. */
    abstract String install(String file);

    /** The command that tells which version is whole. */
    abstract String version();

    @BeforeEach
    void open() throws Exception {
        sandbox = new Sandbox();
        shell = new Shell(sandbox);
        started = new LinkedHashMap<>();
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    @AfterAll
    void print() {
        matrix.print();
    }

    @Test
    void replacesTheFilesOfAnApplicationThatDoesNotRun() throws Exception {
        installOld(NAME);

        assertThat(update(NAME).exitValue()).isZero();

        assertReplaced(NAME);
        seen("nothing runs", 0, "new");
    }

    @ParameterizedTest
    @ValueSource(strings = {"running", "ignoring TERM", "stopped"})
    void endsWhatRunsFromTheDirectory(String how) throws Exception {
        installOld(NAME);
        Process running = startApp(NAME, how.equals("ignoring TERM") ? "trap '' TERM;" : "");
        if (how.equals("stopped")) {
            sandbox.stop(running.toHandle());
        }

        assertThat(update(NAME).exitValue()).isZero();

        assertThat(running.waitFor(60, SECONDS)).isTrue();
        assertThat(running.exitValue()).isEqualTo(how.equals("ignoring TERM") ? 137 : 143);
        assertReplaced(NAME);
        seen(how, 0, "new");
    }

    @Test
    @Tag("H15")
    void endsAnOldInstanceWhoseFileWasReplacedAlready() throws Exception {
        installOld(NAME);
        Process running = startApp(NAME, "");
        String program = quoted(directory(NAME) + "/" + PROGRAM);
        shell.run("cp %s %s.new && mv %s.new %s".formatted(program, program, program, program));

        assertThat(update(NAME).exitValue()).isZero();

        assertThat(running.waitFor(60, SECONDS)).isTrue();
        assertReplaced(NAME);
        seen("running from a file that was replaced before", 0, "new");
    }

    @Test
    @Tag("H20")
    void sparesWhatRunsFromElsewhereUnderTheSameName() throws Exception {
        installOld(NAME);
        Process wedged = startApp(NAME, "trap '' TERM;");
        Process sibling = startCopy(NAME + "2/" + PROGRAM);
        Process elsewhere = startCopy("other/app");

        assertThat(update(NAME).exitValue()).isZero();

        assertThat(wedged.waitFor(60, SECONDS)).isTrue();
        assertThat(lives(sibling)).isTrue();
        assertThat(lives(elsewhere)).isTrue();
        assertReplaced(NAME);
        seen("ignoring TERM; the same name in a sibling folder and elsewhere", 0, "new");
    }

    @Test
    @Tag("H10")
    @Needs(Need.NAMESPACES)
    void sparesAContainersProgramOfTheSamePath() throws Exception {
        installOld(NAME);
        String directory = quoted(directory(NAME));
        String other = quoted(sandbox.root().resolve("image"));
        shell.run("mkdir -p %s/lib/app && cp /bin/sleep %s/lib/app/app".formatted(other, other));
        Process contained =
                shell.start("exec unshare -m --propagation private /bin/sh -c \"mount --bind %s %s && exec %s/%s 600\""
                        .formatted(other, directory, directory, PROGRAM));
        awaitProgram(contained);
        started.put("container", contained);

        assertThat(update(NAME).exitValue()).isZero();

        assertThat(lives(contained)).isTrue();
        assertReplaced(NAME);
        seen("a container runs its own file of the same path", 0, "new");
    }

    @ParameterizedTest
    @ValueSource(strings = {"My App", "Bob's [App] (1)", "Über Ünïcödé 日本"})
    void findsTheDirectoryWhateverItsName(String name) throws Exception {
        installOld(name);
        Process wedged = startApp(name, "trap '' TERM;");
        Process sibling = startCopy(name + "2/" + PROGRAM);

        assertThat(update(name).exitValue()).isZero();

        assertThat(wedged.waitFor(60, SECONDS)).isTrue();
        assertThat(lives(sibling)).isTrue();
        assertReplaced(name);
        seen("ignoring TERM, in \"" + name + "\"; a sibling folder", 0, "new");
    }

    @Test
    @Tag("H17")
    void leavesTheOldInstallationWholeWhenTheApplicationCannotBeEnded() throws Exception {
        installOld(NAME);
        String program = quoted(directory(NAME) + "/" + PROGRAM);
        Process supervisor = shell.start(
                "chmod 755 %s; exec setpriv --reuid 65534 --regid 65534 --clear-groups /bin/sh -c \"while :; do %s 600; done\""
                        .formatted(sandbox.root(), program));
        await().atMost(60, SECONDS).until(() -> supervisor.children().findAny().isPresent());
        started.put("supervisor", supervisor);

        Process update = update(NAME);

        assertThat(update.exitValue()).isNotZero();
        assertThat(shell.output(update))
                .contains("Nothing was installed: still running from")
                .containsPattern(
                        "process [0-9]+ of user (nobody|65534), started anew by process %d of user (nobody|65534)"
                                .formatted(supervisor.pid()));
        assertThat(lives(supervisor)).isTrue();
        assertUntouched(NAME);
        seen("started again whenever it ends", update.exitValue(), "old");
    }

    /**
     * In a PID namespace of its own, as in a container. Root that lacks CAP_SYS_PTRACE is refused the image of another user's
     * process, whatever that runs; of its own user's it sees it.
     */
    @ParameterizedTest
    @CsvSource({
        "true, 0, root, true",
        "true, 0, nobody, true",
        "true, 1, nobody, true",
        "true, 2, nobody, true",
        "false, 0, none, true",
        "false, 0, root, true",
        "false, 0, nobody, false",
        "false, 0, elsewhere, false",
        "false, 1, nobody, false",
        "false, 2, nobody, false",
        "false, ptraceable, nobody, false"
    })
    @Tag("H12")
    @Tag("H67")
    @Needs({Need.NAMESPACES, Need.OTHER_USER})
    void replacesNothingWhereItMayNotSeeWhatRuns(boolean maySee, String hidden, String user, boolean replaced)
            throws Exception {
        installOld(NAME);
        String program = quoted(directory(NAME) + "/" + PROGRAM);
        String asNobody = "setpriv --reuid 65534 --regid 65534 --clear-groups ";
        String running = switch (user) {
            case "root" -> program + " 600 & ";
            case "nobody" -> asNobody + program + " 600 & ";
            case "elsewhere" -> asNobody + "sleep 600 & ";
            default -> "/bin/true & ";
        };
        Path script = sandbox.root().resolve("contained");
        // The end of its own child tells whether that lived until then, also where /proc does not show it: 128 +
        // SIGUSR1.
        Files.writeString(
                script,
                running
                        + "app=$!; for i in 1 2 3 4 5 6; do grep -qs -e '^app$' -e '^sleep$' /proc/$app/comm || sleep 0.1; done; ( "
                        + updateScript(NAME)
                        + " ); code=$?; kill -s USR1 $app; wait $app; echo \"ended $?\"; exit $code\n");
        String rights = maySee ? "" : "setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace ";

        Process update = run(
                "chmod 755 %s; unshare --mount --pid --fork --kill-child --mount-proc /bin/sh -c 'mount -o remount,hidepid=%s /proc && exec %s/bin/sh %s'"
                        .formatted(sandbox.root(), hidden, rights, script));

        assertThat(update.exitValue() == 0).as(shell.output(update)).isEqualTo(replaced);
        if (replaced) {
            assertThat(shell.output(update)).doesNotContain("ended 138");
            assertReplaced(NAME);
        } else {
            assertThat(shell.output(update))
                    .contains("ended 138", "Nothing was installed: ", "CAP_SYS_PTRACE")
                    .containsPattern(
                            "process [0-9]+ of user (nobody|65534) may not be examined|/proc may hide the processes");
            assertUntouched(NAME);
        }
        seen(
                "root %s CAP_SYS_PTRACE, hidepid %s, running: %s".formatted(maySee ? "with" : "without", hidden, user),
                update.exitValue(),
                replaced ? "new" : "old");
    }

    @Test
    @Tag("H06")
    void refusesToEndTheApplicationThatStartedIt() throws Exception {
        installOld(NAME);
        String shellOfTheApp = quoted(directory(NAME) + "/lib/app/updater");
        shell.run("cp /bin/dash " + shellOfTheApp);
        Path script = sandbox.root().resolve("self-update");
        Files.writeString(script, updateScript(NAME) + "; echo $? >" + sandbox.root() + "/exit; sleep 600\n");
        Process app = shell.start("exec %s %s".formatted(shellOfTheApp, script));
        started.put("app", app);

        await().atMost(30, SECONDS)
                .until(() -> Files.exists(sandbox.root().resolve("exit"))
                        && !sandbox.output("exit").isEmpty());

        int exit = Integer.parseInt(sandbox.output("exit").trim());
        assertThat(exit).isNotZero();
        assertThat(shell.output(app)).contains("started this installation");
        assertThat(lives(app)).isTrue();
        assertUntouched(NAME);
        seen("started by the application itself", exit, "old");
    }

    private void installOld(String name) throws Exception {
        Process install = run(installation(name, "1"));
        assertThat(install.exitValue()).as(shell.output(install)).isZero();
        assertThat(isContent(name, "1")).isTrue();
    }

    private Process update(String name) throws Exception {
        return run(updateScript(name));
    }

    private String updateScript(String name) throws IOException {
        return "RELAUNCH_GUARD_CLOSE_WAIT=%d RELAUNCH_GUARD_END_WAIT=20; export RELAUNCH_GUARD_CLOSE_WAIT RELAUNCH_GUARD_END_WAIT; "
                        .formatted(CLOSE_WAIT)
                + installation(name, "2");
    }

    private Process run(String script) throws Exception {
        Process process = shell.start(script);
        assertThat(process.waitFor(60, SECONDS)).isTrue();
        return process;
    }

    private String installation(String name, String version) throws IOException {
        Path folder = Files.createDirectories(sandbox.root().resolve("build-" + version));
        String files = quoted(folder.resolve("files"));
        String out = folder.resolve("app.pkg").toString();
        String payload = "mkdir -p %s/lib/app && cp /bin/sleep %s/%s && echo %s >%s/lib/app/data && "
                .formatted(files, files, PROGRAM, version, files);
        return payload + build(folder, name, version, files, out) + " && PATH=/usr/sbin:/sbin:$PATH " + install(out);
    }

    private Process startApp(String name, String before) throws Exception {
        Process process = shell.start(before + " exec " + quoted(directory(name) + "/" + PROGRAM) + " 600");
        awaitProgram(process);
        started.put("app", process);
        return process;
    }

    private Process startCopy(String place) throws Exception {
        String program = quoted(sandbox.root() + "/root/opt/" + place);
        shell.run("mkdir -p \"$(dirname %s)\" && cp /bin/sleep %s".formatted(program, program));
        Process process = shell.start("exec " + program + " 600");
        awaitProgram(process);
        started.put(place, process);
        return process;
    }

    private static void awaitProgram(Process process) {
        Path name = Path.of("/proc/" + process.pid() + "/comm");
        await().atMost(60, SECONDS).until(() -> Files.readString(name).equals("app\n"));
    }

    String directory(String name) {
        return sandbox.root() + "/root/opt/" + name;
    }

    final Path root() {
        return sandbox.root().resolve("root");
    }

    private boolean isContent(String name, String version) throws Exception {
        return shell.succeeds("test \"$(cat %s/lib/app/data)\" = %s".formatted(quoted(directory(name)), version));
    }

    private void assertReplaced(String name) throws Exception {
        assertThat(isContent(name, "2")).as("the new files are there").isTrue();
        assertThat(shell.output(run(version()))).isEqualTo("2");
    }

    private void assertUntouched(String name) throws Exception {
        assertThat(isContent(name, "1")).as("the old files stand").isTrue();
        assertThat(shell.output(run(version()))).isEqualTo("1");
    }

    private void seen(String situation, int exitCode, String files) {
        StringBuilder seen = new StringBuilder("exit " + exitCode + ", " + files + " files");
        started.forEach((program, process) ->
                seen.append(", ").append(program).append(process.isAlive() ? " lives" : " ended"));
        matrix.add(
                situation,
                files.equals("new") ? "replaced, innocents live" : "refused, the old version stands",
                seen.toString());
    }

    /** The script that is shipped, as an application called {@code name} would have it. */
    static String script(String resource, String name) throws IOException {
        String path = "/io/relaunchguard/platform/installer/" + resource;
        try (InputStream in = Objects.requireNonNull(PackageCases.class.getResourceAsStream(path), path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("APPLICATION_PACKAGE", name);
        }
    }
}
