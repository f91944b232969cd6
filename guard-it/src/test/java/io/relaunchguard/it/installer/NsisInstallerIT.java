package io.relaunchguard.it.installer;

import static io.relaunchguard.it.installer.Shell.lives;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Wine;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real NSIS installer with the hook, run by Wine against real processes; what counts is what the files hold afterwards. */
@Tag("long")
@Tag("installer")
@Tag("H24")
@Needs({Need.WINE, Need.XVFB, Need.MAKENSIS, Need.MINGW})
@ExtendWith(Wine.OneForAll.class)
class NsisInstallerIT {

    private static final int HELD = 32;
    private static final int CANCELLED = 1;
    private static final Matrix MATRIX =
            new Matrix("NSIS installer (64-bit stub, silent unless it says otherwise), Wine");

    @TempDir
    private static Path built;

    private static WineShell wine;
    private static Probe probe;
    private static Path oldProbe;
    private static Path newProbe;
    private static Path setup;

    private final Map<String, Process> started = new LinkedHashMap<>();
    private String folder;
    private String app;
    private Process installer;

    @BeforeAll
    static void build(Wine windows) throws Exception {
        probe = new Probe(built);
        oldProbe = probe.oldVersion();
        newProbe = probe.newVersion();
        setup = makensis("setup.nsi", "amd64-unicode");
        wine = new WineShell(windows);
    }

    @AfterAll
    static void close() throws Exception {
        MATRIX.print();
        if (wine != null) {
            wine.close();
        }
    }

    @BeforeEach
    void installTheOldVersion(TestInfo test) throws Exception {
        folder = "C:\\" + Integer.toHexString(test.getDisplayName().hashCode());
        installTheOldVersionIn(folder + "\\App");
    }

    @Test
    void replacesTheFilesOfAnApplicationThatDoesNotRun() throws Exception {
        assertThat(install()).isZero();

        assertReplaced();
        seen("nothing runs", "exit 0, replaced");
    }

    @Test
    void asksAWindowToCloseAndWaitsForIt() throws Exception {
        Process running = startFrom(app + "\\app.exe", "saving");

        assertThat(install()).isZero();

        assertThat(running.waitFor(60, SECONDS)).isTrue();
        assertThat(running.exitValue()).as("ended by itself").isZero();
        assertThat(wine.exists(folder + "\\saving.saved")).isTrue();
        assertReplaced();
        seen("a window that takes 0.6 s to save when asked", "exit 0, replaced, saved before the end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"deaf", "suspended", "sleep"})
    void endsWhatDoesNotFollow(String mode) throws Exception {
        Process wedged = startFrom(app + "\\app.exe", mode);

        assertThat(install()).isZero();

        assertThat(wedged.waitFor(60, SECONDS)).isTrue();
        assertThat(wine.exists(folder + "\\deaf.asked")).isEqualTo(mode.equals("deaf"));
        assertReplaced();
        seen("main binary: " + mode, "exit 0, replaced, ended");
    }

    @Test
    @Tag("H16")
    void endsWhateverRunsFromTheDirectoryAndBelowIt() throws Exception {
        Process main = startFrom(app + "\\app.exe", "window");
        Process sidecar = startFrom(app + "\\core\\sidecar.exe", "sleep");

        assertThat(install()).isZero();

        assertThat(main.waitFor(60, SECONDS)).isTrue();
        assertThat(sidecar.waitFor(60, SECONDS)).isTrue();
        assertReplaced();
        seen("main binary and a sidecar in a folder below", "exit 0, replaced, both ended");
    }

    @Test
    @Tag("H20")
    void sparesWhatRunsFromElsewhereUnderTheSameName() throws Exception {
        Process wedged = startFrom(app + "\\app.exe", "deaf");
        Process elsewhere = startFrom(folder + "\\Other\\app.exe", "sleep");
        Process sibling = startFrom(app + "2\\app.exe", "window");
        Process above = startFrom(folder + "\\app.exe", "suspended");

        assertThat(install()).isZero();

        assertThat(wedged.waitFor(60, SECONDS)).isTrue();
        assertThat(lives(elsewhere)).isTrue();
        assertThat(lives(sibling)).isTrue();
        assertThat(lives(above)).isTrue();
        assertThat(wine.exists(folder + "\\window.asked")).isFalse();
        assertReplaced();
        seen("wedged; the same name elsewhere, above and in App2", "exit 0, replaced, the three others live");
    }

    @ParameterizedTest
    @ValueSource(strings = {"My App", "Bob's App", "[App] (x86) {1} 100%", "Über Ünïcödé 日本", "App & Co; $INSTDIR ^!"})
    void findsTheDirectoryWhateverItsName(String name) throws Exception {
        installTheOldVersionIn(folder + "\\" + name);
        Process wedged = startFrom(app + "\\app.exe", "suspended");
        Process sibling = startFrom(app + "2\\app.exe", "sleep");

        assertThat(install()).isZero();

        assertThat(wedged.waitFor(60, SECONDS)).isTrue();
        assertThat(lives(sibling)).isTrue();
        assertReplaced();
        seen("installed in \"" + name + "\"", "exit 0, replaced, App2 lives");
    }

    @Test
    void findsTheDirectoryByAnyOfItsNames() throws Exception {
        installTheOldVersionIn(folder + "\\Application");
        String shortened = shortName(app).toLowerCase(Locale.ROOT);
        assertThat(shortened).doesNotContain("application").contains("~");
        Process wedged = startFrom(app + "\\app.exe", "suspended");
        Process other = wine.start(shortened + "\\core\\sidecar.exe", "sleep", folder + "\\other");
        wine.awaitFile(folder + "\\other");

        assertThat(install(shortened, "/S").waitFor()).isZero();

        assertThat(wedged.waitFor(60, SECONDS)).isTrue();
        assertThat(other.waitFor(60, SECONDS)).isTrue();
        assertReplaced();
        seen("directory given by its short name, in other case", "exit 0, replaced, ended");
    }

    @ParameterizedTest
    @ValueSource(strings = {"undying", "unreadable"})
    @Tag("H12")
    void leavesTheOldInstallationWholeWhenAProcessCannotBeEnded(String mode) throws Exception {
        Process undying = startFrom(app + "\\core\\sidecar.exe", mode);

        install(app, "/S");
        assertThat(installer.waitFor()).isEqualTo(HELD);

        assertThat(wine.output(installer)).contains("Nothing was installed", "sidecar.exe");
        assertThat(lives(undying)).isTrue();
        assertUntouched();
        seen("access denied: " + mode, "exit 32, the old files stand, it lives");
    }

    @Test
    void leavesTheOldInstallationWholeWhenAnotherProgramUsesAFileOfIt() throws Exception {
        Process other = startFrom(folder + "\\Other\\editor.exe", "holds", app + "\\data.dll");

        install(app, "/S");
        assertThat(installer.waitFor()).isEqualTo(HELD);

        assertThat(wine.output(installer)).contains("data.dll");
        assertThat(lives(other)).isTrue();
        assertUntouched();
        seen("a program from elsewhere has a file open", "exit 32, the old files stand, it lives");
    }

    @Test
    @Tag("H06")
    void endsTheApplicationThatStartedItAloneAndGoesOn() throws Exception {
        String tool = folder + "\\Tools\\app.exe sleep " + folder + "\\tool";
        wine.copy(oldProbe, folder + "\\Tools\\app.exe");
        wine.copy(setup, folder + "\\setup.exe");

        Process parent = startFrom(app + "\\app.exe", "starts", tool, folder + "\\setup.exe /S /D=" + app);

        wine.awaitFile(folder + "\\tool");
        await().atMost(30, SECONDS).until(() -> wine.exists(app + "\\uninstall.exe"));
        assertThat(parent.waitFor(60, SECONDS)).isTrue();
        assertThat(wine.runs(tool)).isTrue();
        assertReplaced();
        seen("started by the wedged application itself", "replaced, the parent ended, its other child lives");
    }

    @Test
    @Tag("H06")
    void endsNeitherItselfNorAnotherCopyOfItselfInTheDirectory() throws Exception {
        String copy = app + "\\updates\\setup.exe";
        wine.copy(setup, copy);
        startFrom(folder + "\\Other\\app.exe", "deaf");
        Process other = wine.start(copy, WineShell.words("/D=" + folder + "\\Other"));
        wine.awaitFile(folder + "\\deaf.asked");
        started.put("another installer", other);
        Process wedged = startFrom(app + "\\app.exe", "suspended");

        installer = wine.start(copy, WineShell.words("/S /D=" + app));

        assertThat(installer.waitFor()).isZero();
        assertThat(wedged.waitFor(60, SECONDS)).isTrue();
        assertThat(lives(other)).isTrue();
        assertReplaced();
        seen(
                "the installer lies in the directory, and another one runs from it",
                "exit 0, replaced, both installers live");
        press(2);
        assertThat(other.waitFor()).isEqualTo(CANCELLED);
    }

    @Test
    @Tag("H20")
    void endsNothingInADirectoryThatHoldsNoInstallation() throws Exception {
        String mistaken = folder + "\\Programs";
        Process other = startFrom(mistaken + "\\Other\\tool.exe", "sleep");

        assertThat(install(mistaken, "/S").waitFor()).isZero();

        assertThat(lives(other)).isTrue();
        seen("a directory with other programs, chosen by mistake", "exit 0, they live");
    }

    @Test
    @Tag("H20")
    void refusesTheRootOfADrive() throws Exception {
        Process other = startFrom(folder + "\\Other\\tool.exe", "sleep");
        wine.copy(oldProbe, "C:\\app.exe");
        app = "C:";

        assertThat(install("C:\\", "/S").waitFor()).isEqualTo(HELD);

        assertThat(lives(other)).isTrue();
        assertThat(wine.isCopy(oldProbe, "C:\\app.exe")).isTrue();
        seen("installed in the root of a drive", "exit 32, everything lives");
    }

    @Test
    @Tag("H04")
    void endsNothingByForceWhenTheUserCancels() throws Exception {
        Process wedged = startFrom(app + "\\app.exe", "deaf");

        install(app);
        press(2);

        assertThat(installer.waitFor()).isEqualTo(CANCELLED);
        assertThat(lives(wedged)).isTrue();
        assertUntouched();
        seen("with a window: Cancel", "exit 1, the old files stand, it lives");
    }

    @Test
    void endsByForceWhenTheUserRetries() throws Exception {
        Process wedged = startFrom(app + "\\app.exe", "deaf");

        install(app);
        press(4);

        assertThat(installer.waitFor()).isZero();
        assertThat(wedged.waitFor(60, SECONDS)).isTrue();
        assertReplaced();
        seen("with a window: Retry", "exit 0, replaced, ended");
    }

    @Test
    void isAsMuchAsPartOfTheUninstaller() throws Exception {
        assertThat(install()).isZero();
        Process wedged = startFrom(app + "\\core\\sidecar.exe", "suspended");

        installer = wine.start(app + "\\uninstall.exe", WineShell.words("/S _?=" + app));

        assertThat(installer.waitFor()).isZero();
        assertThat(wedged.waitFor(60, SECONDS)).isTrue();
        assertThat(wine.exists(app + "\\app.exe")).isFalse();
        seen("the uninstaller", "exit 0, ended, removed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tauri", "electron-builder"})
    void takesThePlaceOfTheCheckByNameInATemplate(String template) throws Exception {
        Path built = makensis("templates.nsi", "amd64-unicode", "-DTEMPLATE=" + template);
        Process wedged = startFrom(app + "\\core\\sidecar.exe", "suspended");

        installer = wine.start(Wine.path(built), WineShell.words("/S /D=" + app));

        assertThat(installer.waitFor()).isZero();
        assertThat(wedged.waitFor(60, SECONDS)).isTrue();
        assertReplaced();
        seen("inserted where the template of " + template + " does", "exit 0, replaced, ended");
    }

    @Test
    void compilesForThe32BitStub() throws Exception {
        assertThat(makensis("setup.nsi", "x86-unicode")).isNotEmptyFile();
    }

    private void installTheOldVersionIn(String directory) throws Exception {
        app = directory;
        for (String file : List.of("app.exe", "core\\sidecar.exe", "data.dll")) {
            wine.copy(oldProbe, app + "\\" + file);
        }
    }

    /** Starts the probe from this path and returns once it behaves as told. */
    private Process startFrom(String program, String mode, String... more) throws Exception {
        if (!wine.exists(program)) {
            wine.copy(oldProbe, program);
        }
        String ready = folder + "\\" + mode + (wine.exists(folder + "\\" + mode) ? "2" : "");
        String[] arguments = new String[2 + more.length];
        arguments[0] = mode;
        arguments[1] = ready;
        System.arraycopy(more, 0, arguments, 2, more.length);
        Process process = wine.start(program, arguments);
        wine.awaitFile(ready);
        started.put(program.substring(folder.length() + 1), process);
        return process;
    }

    private int install() throws Exception {
        return install(app, "/S").waitFor();
    }

    private Process install(String directory, String... options) throws IOException, InterruptedException {
        wine.copy(setup, "C:\\setup.exe");
        installer = wine.start("C:\\setup.exe", WineShell.words(String.join(" ", options) + " /D=" + directory));
        return installer;
    }

    private static void press(int button) throws IOException, InterruptedException {
        wine.copy(oldProbe, "C:\\press.exe");
        assertThat(wine.start("C:\\press.exe", "press", Integer.toString(button))
                        .waitFor(30, SECONDS))
                .isTrue();
    }

    private static String shortName(String path) throws IOException, InterruptedException {
        wine.copy(oldProbe, "C:\\press.exe");
        Process process = wine.start("C:\\press.exe", "short", path);
        process.waitFor();
        return wine.output(process).trim();
    }

    /** Adds a row to the matrix: the exit code, the content of the files and who lives are what is found now. */
    private void seen(String situation, String expected) throws Exception {
        StringBuilder seen = new StringBuilder();
        if (installer != null) {
            seen.append("exit ").append(installer.exitValue()).append(", ");
        }
        seen.append(isEverywhere(newProbe) ? "new files" : isEverywhere(oldProbe) ? "old files" : "other files");
        started.forEach((program, process) ->
                seen.append(", ").append(program).append(process.isAlive() ? " lives" : " ended"));
        MATRIX.add(situation, expected, seen.toString());
    }

    private void assertReplaced() throws Exception {
        assertThat(isEverywhere(newProbe)).as("the new files are there").isTrue();
    }

    private void assertUntouched() throws Exception {
        assertThat(isEverywhere(oldProbe)).as("the old files stand").isTrue();
        assertThat(wine.exists(app + "\\uninstall.exe")).isFalse();
    }

    private boolean isEverywhere(Path content) throws Exception {
        return wine.isCopy(content, app + "\\app.exe")
                && wine.isCopy(content, app + "\\core\\sidecar.exe")
                && wine.isCopy(content, app + "\\data.dll");
    }

    private static Path makensis(String script, String stub, String... more) throws IOException, InterruptedException {
        List<String> definitions = new ArrayList<>(
                List.of("-DSTUB=" + stub, "-DPROBE=" + newProbe, "-DHOOK=" + Probe.shipped("nsis/relaunch-guard.nsh")));
        definitions.addAll(List.of(more));
        return probe.makensis(
                probe.source(script), "built-" + definitions.hashCode() + ".exe", definitions.toArray(String[]::new));
    }
}
