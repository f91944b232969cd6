package io.relaunchguard.it.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The drill with a rule that was broken on purpose: it must see what that does, and fail. */
@Tag("long")
class BrokenRuleIT {

    private static final String PREDICATES = "io/relaunchguard/core/safety/SafetyPredicate.java";

    @TempDir
    Path folder;

    /** Each rule is made to hold always, as its own source compiled anew says. */
    @Tag("H25")
    @ParameterizedTest
    @CsvSource({"MARKER_NAMES_HOLDER, another process consented", "MARKER_FRESH, consent from the future"})
    void withARuleBrokenTheDrillFails(String predicate, String scenario) throws Exception {
        String played = drill(withBroken(predicate) + ":" + System.getProperty("java.class.path"), scenario);

        assertThat(played)
                .containsPattern("DIFF  healthy, .*" + scenario + ".*READY, sent TERM, DEAD   expected: HELD")
                .contains("1 different")
                .endsWith("exit 1");
    }

    private Path withBroken(String predicate) throws IOException {
        Path source = Path.of("../guard-core/src/main/java", PREDICATES);
        String original = Files.readString(source);
        String broken = original.replace(
                "    " + predicate + "(facts -> ",
                "    " + predicate + "(facts -> facts.sinceBoot() != null ? holds(\"broken\") : ");
        assertThat(broken).isNotEqualTo(original);
        Path changed = folder.resolve("SafetyPredicate.java");
        Files.writeString(changed, broken);
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-d",
                                folder.toString(),
                                changed.toString()))
                .isZero();
        return folder;
    }

    private String drill(String classPath, String only) throws IOException, InterruptedException {
        Process drill = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + folder,
                        "-cp",
                        classPath,
                        "io.relaunchguard.it.RelaunchGuardCommand",
                        "drill",
                        "--no-browser",
                        "--only",
                        only))
                .redirectError(Redirect.DISCARD)
                .start();
        String out = new String(drill.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return out + "exit " + drill.waitFor();
    }
}
