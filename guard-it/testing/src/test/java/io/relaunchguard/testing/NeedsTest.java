package io.relaunchguard.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Here a Java that has jpackage is what every machine has, and a Windows JRE what none has. */
class NeedsTest {

    private static final List<String> MADE = new ArrayList<>();

    @BeforeEach
    void forget() {
        MADE.clear();
    }

    @Test
    void runsATestThatHasAllThatItNeeds() {
        EngineExecutionResults results = run(OneOfTwo.class, "false", "false");

        results.testEvents()
                .assertStatistics(statistics -> statistics.succeeded(1).skipped(1));
        assertThat(MADE).containsExactly("set up", "has what it needs", "cleaned up");
    }

    @Test
    void skipsATestThatLacksOneOfItsNeedsAndSaysHowToGetIt() {
        EngineExecutionResults results = run(OneOfTwo.class, "false", "false");

        assertThat(results.testEvents().skipped().list())
                .singleElement()
                .satisfies(event -> assertThat(event.getRequiredPayload(String.class))
                        .isEqualTo("this needs a Windows JRE (mvn dependency:get -Dtransitive=false"
                                + " -Dartifact=org.flywaydb:flyway-commandline:10.0.0:zip:windows-x64)"));
    }

    @Test
    void looksForNothingOnASystemThatIsExcepted() {
        EngineExecutionResults results = run(Excepted.class, "false", "false");

        results.testEvents()
                .assertStatistics(statistics -> statistics.succeeded(1).skipped(1));
        assertThat(MADE).containsExactly("on a system that is excepted");
    }

    @Test
    void makesNothingOfAClassThatLacksWhatItsSuperclassNeeds() {
        EngineExecutionResults results = run(Below.class, "false", "false");

        results.containerEvents()
                .assertStatistics(statistics -> statistics.skipped(1).failed(0));
        results.testEvents().assertStatistics(statistics -> statistics.started(0));
        assertThat(MADE).isEmpty();
    }

    @Test
    void failsInCiWhatLacksItsNeeds() {
        EngineExecutionResults aTest = run(OneOfTwo.class, "true", "false");
        aTest.testEvents()
                .assertStatistics(
                        statistics -> statistics.succeeded(1).failed(1).skipped(0));
        assertThat(MADE).doesNotContain("lacks what it needs");

        EngineExecutionResults aClass = run(Below.class, "true", "false");
        aClass.containerEvents()
                .assertStatistics(statistics -> statistics.failed(1).skipped(0));
    }

    @Test
    void skipsEveryNeedWhereToolsAreHiddenEvenInCi() {
        EngineExecutionResults results = run(OneOfTwo.class, "true", "true");

        results.testEvents()
                .assertStatistics(statistics -> statistics.started(0).skipped(2));
        assertThat(MADE).isEmpty();
    }

    @Test
    void listsWhatWasNotRunOnceAReason(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("target/not-run.tsv");
        String before = System.setProperty(NotRunListener.FILE, file.toString());
        try {
            LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                    .selectors(selectors(OneOfTwo.class))
                    .selectors(selectors(Below.class))
                    .configurationParameter(NeedsCondition.CI, "false")
                    .configurationParameter(NeedsCondition.HIDE, "false")
                    .build();
            Launcher launcher = LauncherFactory.create(LauncherConfig.builder()
                    .enableTestExecutionListenerAutoRegistration(true)
                    .build());
            launcher.execute(request);
        } finally {
            if (before == null) {
                System.clearProperty(NotRunListener.FILE);
            } else {
                System.setProperty(NotRunListener.FILE, before);
            }
        }

        List<NotRunTable.Row> rows =
                Files.readAllLines(file).stream().map(NotRunTable.Row::parse).toList();
        assertThat(rows).hasSize(3);
        assertThat(NotRunTable.table(new LinkedHashSet<>(rows)))
                .contains(
                        "Not run here: 3 test methods",
                        "  3  this needs a Windows JRE",
                        "NeedsTest$Below, NeedsTest$OneOfTwo");
    }

    private static EngineExecutionResults run(Class<?> tests, String ci, String hidden) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectors(tests))
                .configurationParameter(NeedsCondition.CI, ci)
                .configurationParameter(NeedsCondition.HIDE, hidden)
                .execute();
    }

    private static DiscoverySelector[] selectors(Class<?> tests) {
        return new DiscoverySelector[] {selectClass(tests)};
    }

    /** Run by the tests above alone: not a class that the build finds. */
    static class OneOfTwo {

        @BeforeEach
        void setUp() {
            MADE.add("set up");
        }

        @AfterEach
        void cleanUp() {
            MADE.add("cleaned up");
        }

        @Test
        @Needs(Need.JPACKAGE)
        void hasWhatItNeeds() {
            MADE.add("has what it needs");
        }

        @Test
        @Needs({Need.JPACKAGE, Need.WINDOWS_JRE})
        void lacksWhatItNeeds() {
            MADE.add("lacks what it needs");
        }
    }

    static class Excepted {

        @Test
        @Needs(
                value = Need.WINDOWS_JRE,
                exceptOn = {OS.LINUX, OS.MAC, OS.WINDOWS})
        void here() {
            MADE.add("on a system that is excepted");
        }

        @Test
        @Needs(value = Need.WINDOWS_JRE, exceptOn = OS.AIX)
        void elsewhere() {
            MADE.add("on another");
        }
    }

    @Needs(Need.WINDOWS_JRE)
    abstract static class Above {

        @BeforeAll
        static void make() {
            MADE.add("made for all");
        }
    }

    @Needs(Need.JPACKAGE)
    static class Below extends Above {

        @Test
        void one() {
            MADE.add("one");
        }

        @Test
        void another() {
            MADE.add("another");
        }
    }
}
