package io.relaunchguard.it.installer;

import static io.relaunchguard.it.installer.Shell.quoted;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** What is shipped for installers, as text, and the rule that the packages' scripts share, function by function. */
class InstallerScriptsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path INSTALLER =
            ROOT.resolve("guard-platform/src/main/resources/io/relaunchguard/platform/installer");
    private static final Path RULE = INSTALLER.resolve("relaunch-guard.sh");
    /** What ends or finds processes by a name, a tree or a group. */
    private static final Pattern BY_NAME = Pattern.compile(
            "taskkill|tasklist|powershell|wmic|pkill|killall|pgrep|pidof|fuser|nsprocess|killprocess|closeapplication"
                    + "|kill -[a-z0-9]+ -|kill -- -|start-stop-daemon");

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Shell shell = new Shell(sandbox);

    @Test
    @Tag("H20")
    @Tag("H24")
    void nothingThatIsShippedEndsAProcessByItsName() throws IOException {
        List<String> found = new ArrayList<>();
        int scanned = 0;
        try (Stream<Path> files = Files.walk(ROOT)) {
            for (Path file : files.filter(path -> path.toString().contains("/src/main/") && Files.isRegularFile(path))
                    .toList()) {
                scanned++;
                if (BY_NAME.matcher(Files.readString(file).toLowerCase(Locale.ROOT))
                        .find()) {
                    found.add(ROOT.relativize(file).toString());
                }
            }
        }

        assertThat(scanned).isGreaterThan(50);
        assertThat(found).isEmpty();
        assertThat(BY_NAME.matcher("nsexec::exec 'taskkill /f /im app.exe /t'").find())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"debian/preinst", "rpm/pre", "macos/preinstall"})
    void everyPackagesScriptHoldsTheOneRule(String script) throws IOException {
        assertThat(INSTALLER.resolve(script)).content().contains(Files.readString(RULE));
    }

    @Test
    void theRuleFitsIntoASpecFile() throws IOException {
        assertThat(RULE).content().doesNotContain("%");
    }

    @ParameterizedTest
    @ValueSource(strings = {"relaunch-guard.sh", "debian/preinst", "rpm/pre", "macos/preinstall"})
    @Needs(Need.SHELLCHECK)
    void everyScriptIsPlainShell(String script) throws Exception {
        Path copy = sandbox.root().resolve("script");
        Files.writeString(copy, Files.readString(INSTALLER.resolve(script)).replace("%pre -p /bin/sh\n", ""));

        shell.run("dash -n '%s' && shellcheck -s sh '%s'".formatted(copy, copy));
    }

    @ParameterizedTest
    @CsvSource({
        "relaunch-guard.wxi, http://schemas.microsoft.com/wix/2006/wi, BinaryKey",
        "relaunch-guard-4.wxi, http://wixtoolset.org/schemas/v4/wxs, BinaryRef"
    })
    void theMsiStepIsRunBeforeAnythingIsReplacedAndItsExitCodeCounts(String file, String schema, String reference)
            throws Exception {
        Document include = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(INSTALLER.resolve("wix").resolve(file).toFile());

        Element action = (Element) include.getElementsByTagName("CustomAction").item(0);
        Element place = (Element) include.getElementsByTagName("Custom").item(0);
        Element program = (Element) include.getElementsByTagName("Binary").item(0);
        assertThat(include.getDocumentElement().getAttribute("xmlns")).isEqualTo(schema);
        assertThat(action.getAttribute(reference)).isEqualTo(program.getAttribute("Id"));
        assertThat(action.getAttribute("Return")).isEqualTo("check");
        assertThat(action.getAttribute("ExeCommand")).isEqualTo("/S /D=[INSTALLDIR]");
        assertThat(place.getAttribute("Action")).isEqualTo(action.getAttribute("Id"));
        assertThat(place.getAttribute("Sequence")).isEqualTo("1399");
        assertThat(place.getTextContent()).as("under no condition").isBlank();
    }

    @Test
    void theGuideGivesTheExitCodesAndWaitsThatAreUsed() throws IOException {
        String hook = Files.readString(INSTALLER.resolve("nsis/relaunch-guard.nsh"));
        assertThat(hook)
                .contains("RELAUNCH_GUARD_EXIT_HELD 32", "RELAUNCH_GUARD_EXIT_CANCELLED 1", "_CLOSE_WAIT 10000");
        assertThat(ROOT.resolve("docs/installers.md")).content().contains("| 32 |", "| 1 |", "10 s");
    }

    @Test
    @Tag("H02")
    void signalsNobodyWhoOnlyHasThePidOfTheOneThatWasMeant() throws Exception {
        Path application = sandbox.root().resolve("application");
        Process process = start(application);
        String start = call("relaunch_guard_start " + process.pid());

        call("relaunch_guard_signal KILL %d/%d %s"
                .formatted(process.pid(), Long.parseLong(start) - 1, quoted(application)));
        assertThat(Sandbox.state(process.pid())).as("another start").hasValue("S");

        call("relaunch_guard_signal KILL %d/%s %s".formatted(process.pid(), start, quoted(application + "2")));
        assertThat(Sandbox.state(process.pid())).as("another directory").hasValue("S");

        call("relaunch_guard_signal KILL %d/%s %s".formatted(process.pid(), start, quoted(application)));
        assertThat(process.waitFor(60, SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/usr", "/usr/bin", "/usr/local", "/opt"})
    @Tag("H20")
    void takesNoDirectoryOfManyProgramsForAnApplications(String directory) throws Exception {
        // Were it not refused, this would end the host's own programs: here nothing is signalled, whatever comes.
        Process refused = shell.start(
                ". '%s'; relaunch_guard_signal() { echo signalled; }; relaunch_guard %s .".formatted(RULE, directory));

        assertThat(refused.waitFor()).isEqualTo(1);
        assertThat(shell.output(refused)).startsWith("Nothing was installed: " + directory);
    }

    @Test
    @Tag("H13")
    void takesAZombieForGone() throws Exception {
        Process parent = shell.start("sleep 0.1 & exec sleep 600");
        await().atMost(60, SECONDS)
                .until(() -> parent.children().findAny().stream()
                        .anyMatch(child -> Sandbox.state(child.pid()).orElse("").equals("Z")));

        assertThat(call("relaunch_guard_start "
                        + parent.children().findAny().orElseThrow().pid()))
                .isEmpty();
    }

    private Process start(Path directory) throws Exception {
        Files.createDirectories(directory);
        Path program = directory.resolve("app");
        shell.run("cp /bin/sleep '%s'".formatted(program));
        Process process = shell.start("exec '%s' 600".formatted(program));
        await().atMost(60, SECONDS)
                .until(() -> Files.readString(Path.of("/proc/" + process.pid() + "/comm"))
                        .equals("app\n"));
        return process;
    }

    private String call(String function) throws Exception {
        Process process = shell.start(". '%s'; %s".formatted(RULE, function));
        assertThat(process.waitFor()).isZero();
        return shell.output(process).trim();
    }
}
