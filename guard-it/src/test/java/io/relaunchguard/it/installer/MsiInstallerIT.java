package io.relaunchguard.it.installer;

import static io.relaunchguard.it.installer.Shell.lives;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.harness.Wine;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;

/** A real MSI package with the shipped include and step, installed over an older one by Wine's Windows Installer. */
@Tag("long")
@Tag("installer")
@Tag("H24")
@Needs({Need.WINE, Need.XVFB, Need.MAKENSIS, Need.MINGW, Need.MSITOOLS})
@ExtendWith(Wine.OneForAll.class)
class MsiInstallerIT {

    private static final String APP = "C:\\My App";
    private static final Matrix MATRIX = new Matrix("MSI package (WiX include, silent), Wine");

    @TempDir
    private static Path built;

    private static WineShell wine;
    private static Probe probe;
    private static Path oldPackage;
    private static Path newPackage;

    private final Map<String, Process> started = new LinkedHashMap<>();
    private String folder;

    @BeforeAll
    static void build(Wine windows) throws Exception {
        probe = new Probe(built);
        Files.copy(Probe.shipped("nsis/relaunch-guard.nsh"), built.resolve("relaunch-guard.nsh"));
        Files.copy(Probe.shipped("wix/relaunch-guard.wxi"), built.resolve("relaunch-guard.wxi"));
        Path step = Files.copy(Probe.shipped("wix/relaunch-guard-step.nsi"), built.resolve("relaunch-guard-step.nsi"));
        probe.makensis(
                step,
                "relaunch-guard-step.exe",
                "-DMAIN_BINARY=app.exe",
                "-DSTUB=amd64-unicode",
                "-DRELAUNCH_GUARD_CLOSE_WAIT=1500",
                "-DRELAUNCH_GUARD_END_WAIT=2000",
                "-DRELAUNCH_GUARD_FILES_WAIT=1000");
        oldPackage = wixl("1.0.0", probe.oldVersion());
        newPackage = wixl("2.0.0", probe.newVersion());
        wine = new WineShell(windows);
    }

    @AfterAll
    static void close() {
        MATRIX.print();
        if (wine != null) {
            wine.close();
        }
    }

    @BeforeEach
    void installTheOldVersion() throws Exception {
        folder = "C:\\msi-" + System.nanoTime();
        wine.copy(probe.oldVersion(), folder + "\\Other\\app.exe");
        assertThat(msiexec("/i", oldPackage)).isZero();
        assertThat(isEverywhere(probe.oldVersion())).isTrue();
    }

    @AfterEach
    void uninstall() throws Exception {
        for (Process process : started.values()) {
            process.destroyForcibly().waitFor();
        }
        for (Path either : List.of(newPackage, oldPackage)) {
            msiexec("/x", either);
        }
        assertThat(wine.exists(APP + "\\app.exe")).isFalse();
    }

    @Test
    void replacesTheFilesOfAnApplicationThatDoesNotRun() throws Exception {
        seen("nothing runs", "exit 0, replaced", msiexec("/i", newPackage));

        assertThat(isEverywhere(probe.newVersion())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"saving", "deaf", "suspended"})
    void endsWhatRunsFromTheDirectoryAndNothingElse(String mode) throws Exception {
        Process running = start(APP + "\\app.exe", mode);
        Process elsewhere = start(folder + "\\Other\\app.exe", "sleep");
        Process sibling = start(APP + "2\\app.exe", "window");

        int exitCode = msiexec("/i", newPackage);

        seen(
                "main binary: " + mode + "; the same name elsewhere and in My App2",
                "exit 0, replaced, two live",
                exitCode);
        assertThat(exitCode).isZero();
        assertThat(running.waitFor(60, SECONDS)).isTrue();
        assertThat(wine.exists(folder + "\\saving.saved")).isEqualTo(mode.equals("saving"));
        assertThat(lives(elsewhere)).isTrue();
        assertThat(lives(sibling)).isTrue();
        assertThat(wine.exists(folder + "\\window.asked")).isFalse();
        assertThat(isEverywhere(probe.newVersion())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"undying", "unreadable"})
    @Tag("H12")
    void leavesTheOldInstallationWholeWhenAProcessCannotBeEnded(String mode) throws Exception {
        Process undying = start(APP + "\\app.exe", mode);

        int exitCode = msiexec("/i", newPackage);

        seen("access denied: " + mode, "no exit 0, the old files stand, it lives", exitCode);
        assertThat(exitCode).isNotZero();
        assertThat(lives(undying)).isTrue();
        assertThat(isEverywhere(probe.oldVersion())).isTrue();
    }

    @Test
    void leavesTheOldInstallationWholeWhenAnotherProgramUsesAFileOfIt() throws Exception {
        Process editor = start(folder + "\\Other\\editor.exe", "holds", APP + "\\data.dll");

        int exitCode = msiexec("/i", newPackage);

        seen("a program from elsewhere has a file open", "no exit 0, the old files stand, it lives", exitCode);
        assertThat(exitCode).isNotZero();
        assertThat(lives(editor)).isTrue();
        assertThat(isEverywhere(probe.oldVersion())).isTrue();
    }

    private Process start(String program, String mode, String... more) throws Exception {
        if (!wine.exists(program)) {
            wine.copy(probe.oldVersion(), program);
        }
        List<String> arguments = new ArrayList<>(List.of(mode, folder + "\\" + mode));
        arguments.addAll(List.of(more));
        Process process = wine.start(program, arguments.toArray(String[]::new));
        wine.awaitFile(folder + "\\" + mode);
        started.put(program, process);
        return process;
    }

    private static int msiexec(String action, Path file) throws Exception {
        Process process = wine.start("msiexec.exe", "/qn", action, Wine.path(file));
        assertThat(process.waitFor(60, SECONDS)).isTrue();
        return process.exitValue();
    }

    private void seen(String situation, String expected, int exitCode) throws Exception {
        StringBuilder seen = new StringBuilder("exit ").append(exitCode).append(", ");
        seen.append(
                isEverywhere(probe.newVersion())
                        ? "new files"
                        : isEverywhere(probe.oldVersion()) ? "old files" : "other files");
        started.forEach((program, process) ->
                seen.append(", ").append(program).append(process.isAlive() ? " lives" : " ended"));
        MATRIX.add(situation, expected, seen.toString());
    }

    private static boolean isEverywhere(Path content) throws Exception {
        return wine.isCopy(content, APP + "\\app.exe") && wine.isCopy(content, APP + "\\data.dll");
    }

    /** It takes no path but a relative one. */
    private static Path wixl(String version, Path content) throws Exception {
        Path out = built.resolve("app-" + version + ".msi");
        probe.run(
                "/usr/bin/wixl",
                "-a",
                "x64",
                "-D",
                "Version=" + version,
                "-D",
                "Probe=" + content.getFileName(),
                "-D",
                "RelaunchGuardDir=.",
                "-o",
                out.getFileName().toString(),
                probe.source("app.wxs").getFileName().toString());
        addCustomAction(out);
        return out;
    }

    /** wixl leaves out an action that runs a program of the Binary table: type 2, see "Custom Action Type 2" of Windows Installer. */
    private static void addCustomAction(Path out) throws Exception {
        Element action = (Element) DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Probe.shipped("wix/relaunch-guard.wxi").toFile())
                .getElementsByTagName("CustomAction")
                .item(0);
        assertThat(action.getAttribute("Return")).isEqualTo("check");
        assertThat(action.getAttribute("Execute")).isEqualTo("immediate");
        probe.run(
                "/usr/bin/msibuild",
                out.toString(),
                "-q",
                "INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('%s', 2, '%s', '%s')"
                        .formatted(
                                action.getAttribute("Id"),
                                action.getAttribute("BinaryKey"),
                                action.getAttribute("ExeCommand")));
    }
}
