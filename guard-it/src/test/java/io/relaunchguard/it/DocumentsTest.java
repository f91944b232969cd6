package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.lifecycle.MermaidDiagram;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.it.cli.ExitCodes;
import io.relaunchguard.statemachine.LaunchFailedException;
import io.relaunchguard.statemachine.LaunchHeldException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents say, against the code and the tests that they name. */
class DocumentsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern ROW = Pattern.compile("\\| (H\\d\\d) \\|.*");
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT))`");

    @Test
    void everyTestThatAHazardNamesCarriesItsTag() throws IOException {
        Map<String, String> sources = testSources();
        List<String> untagged = new ArrayList<>();
        List<String> rows = rows();
        for (String row : rows) {
            String hazard = row.substring(2, 5);
            Matcher test = TEST.matcher(row);
            while (test.find()) {
                if (!sources.getOrDefault(test.group(1), "").contains("@Tag(\"" + hazard + "\")")) {
                    untagged.add(hazard + " " + test.group(1));
                }
            }
        }

        assertThat(rows).hasSizeGreaterThanOrEqualTo(44);
        assertThat(untagged).isEmpty();
    }

    @Test
    void theReadmeDrawsTheTable() throws IOException {
        assertThat(ROOT.resolve("README.md")).content().contains("```mermaid\n" + MermaidDiagram.ofTable() + "```");
    }

    @Test
    void theReadmeCountsThePredicates() throws IOException {
        assertThat(SafetyPredicate.values()).hasSize(21);
        assertThat(ROOT.resolve("README.md")).content().contains("Twenty-one conditions");
    }

    @Test
    void theGuideShowsTheLauncherThatCompilesHere() throws IOException {
        String source = Files.readString(Path.of("src/test/java/io/relaunchguard/it/embedding/JcefLauncher.java"));
        String launcher = source.substring(source.indexOf("import "));
        assertThat(launcher.lines().count()).isLessThan(125);
        assertThat(ROOT.resolve("docs/embedding.md")).content().contains("```java\n" + launcher + "```");
    }

    @Test
    void theGuideGivesTheExitCodesThatAreUsed() throws IOException {
        assertThat(ROOT.resolve("docs/embedding.md"))
                .content()
                .contains(
                        "| `LaunchHeldException` | %d |".formatted(LaunchHeldException.EXIT_CODE),
                        "| `LaunchFailedException` | %d |".formatted(LaunchFailedException.EXIT_CODE));
        assertThat(ExitCodes.HELD).isEqualTo(LaunchHeldException.EXIT_CODE);
        assertThat(ExitCodes.FAILED).isEqualTo(LaunchFailedException.EXIT_CODE);
    }

    private static List<String> rows() throws IOException {
        return Files.readAllLines(ROOT.resolve("docs/hazards.md")).stream()
                .filter(line -> ROW.matcher(line).matches())
                .toList();
    }

    private static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            for (Path file : files.filter(path -> path.toString().contains("src/test")
                            && path.toString().endsWith(".java"))
                    .toList()) {
                sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
            }
        }
        return sources;
    }
}
