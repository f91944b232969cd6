package io.relaunchguard.it.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.cli.ExitCodes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The drill's own judgement: what it compares, counts, writes and ends with. */
@Tag("H25")
class DrillTest {

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final List<Scenario> scenarios = new ArrayList<>();

    @Test
    void aRowThatIsNotAsExpectedIsShownCountedAndFails() {
        scenario("as it must be", "READY", bench -> "READY");
        scenario("not as it must be", "HELD", bench -> "READY");
        scenario("one that breaks", "HELD", bench -> {
            throw new IllegalStateException("no lock");
        });

        assertThat(drill("--no-browser")).isEqualTo(ExitCodes.DIFFERENCE);

        assertThat(out.toString())
                .containsPattern("ok    as it must be +\\d+\\.\\d s  READY\n")
                .containsPattern("DIFF  not as it must be +\\d+\\.\\d s  READY   expected: HELD\n")
                .containsPattern("DIFF  one that breaks .*broke: java.lang.IllegalStateException: no lock")
                .contains("3 scenarios played, 2 different, 0 not played");
    }

    @Test
    void whatCannotBePlayedIsSaidAndIsNoDifference() {
        scenarios.add(new Scenario("with a browser", "READY", Scenario.Need.BROWSER, bench -> "never"));
        scenario("as it must be", "READY", bench -> "READY");

        assertThat(drill("--no-browser")).isZero();

        assertThat(out.toString())
                .containsPattern("--    with a browser .*not played: there is no browser")
                .contains("1 scenarios played, 0 different, 1 not played");
    }

    @Test
    void saysWhereItWasHeldAndHowStrongAPinIsThere() {
        assertThat(drill("--no-browser")).isZero();

        assertThat(out.toString())
                .contains(
                        System.getProperty("os.version"),
                        System.getProperty("os.arch"),
                        "JDK      " + Runtime.version(),
                        "browser  none")
                .containsPattern("pin      (pidfd|process handle|audit token|none): .+");
    }

    @Test
    void writesTheTableAsJsonAndAsJunitDoes() throws Exception {
        scenario("as it must be", "READY", bench -> "READY");
        scenario("not <as> it must be", "HELD", bench -> "READY");
        scenarios.add(new Scenario("with a browser", "READY", Scenario.Need.BROWSER, bench -> "never"));
        Path json = folder.resolve("drill.json");
        Path xml = folder.resolve("drill.xml");

        drill("--no-browser", "--json=" + json, "--junit-xml=" + xml);

        JsonNode rows = new JsonMapper().readTree(Files.readString(json)).path("rows");
        assertThat(rows.valueStream().map(row -> row.path("result").asString()))
                .containsExactly("OK", "DIFFERENT", "NOT_PLAYED");
        Element suite = DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(xml.toFile())
                .getDocumentElement();
        assertThat(suite.getAttribute("tests")).isEqualTo("3");
        assertThat(suite.getAttribute("failures")).isEqualTo("1");
        assertThat(suite.getAttribute("skipped")).isEqualTo("1");
        NodeList failures = suite.getElementsByTagName("failure");
        assertThat(((Element) failures.item(0)).getAttribute("message")).isEqualTo("expected: HELD; seen: READY");
        assertThat(((Element) failures.item(0).getParentNode()).getAttribute("name"))
                .isEqualTo("not <as> it must be");
    }

    @Test
    void playsTheOnesThatAreAskedForAndRefusesABrowserThatIsNotThere() {
        scenario("one", "READY", bench -> "READY");
        scenario("another", "READY", bench -> "HELD");

        assertThat(drill("--no-browser", "--only=one")).isZero();
        assertThat(drill("--browser=" + folder.resolve("none"))).isEqualTo(ExitCodes.USAGE);
    }

    private void scenario(String name, String expected, Scenario.Play play) {
        scenarios.add(new Scenario(name, expected, Scenario.Need.NOTHING, play));
    }

    private int drill(String... arguments) {
        return new CommandLine(new DrillCommand(() -> new Drill(DrillHost.current(), scenarios)))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(arguments);
    }
}
