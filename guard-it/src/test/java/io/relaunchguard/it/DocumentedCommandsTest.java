package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;
import picocli.CommandLine;

/**
 * The commands, settings and names in the documents, against what there is. Commands are parsed here and not run:
 * {@link #RUN_ELSEWHERE} names the tests that run the others.
 */
class DocumentedCommandsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** How a block begins whose lines are neither for Maven nor for the guard, and what runs it, or why nothing does. */
    private static final Map<String, String> RUN_ELSEWHERE = Map.of(
            "mark() (", "CommandLineIT",
            "mark_browser() (", "BrowserProcessIT",
            "# JDK 13 and later", "not run as written: EmbeddingIT makes and uses such archives",
            "curl --silent", "not run as written: FleetIT pushes to a Pushgateway of its own",
            "makensis", "not run as written: MsiInstallerIT builds this step");

    /** Languages that are not checked here. The launcher of the guide compiles in this module, see DocumentsTest. */
    private static final Set<String> NOT_CHECKED = Set.of("java", "kotlin", "mermaid", "nsis", "pascal");

    private static final Set<String> CHECKED = Set.of("sh", "", "xml", "properties");
    private static final Set<String> PHASES = Set.of("test", "package", "verify", "install");

    /** Properties of Maven's plugins that no file of ours has. */
    private static final Set<String> OF_PLUGINS =
            Set.of("surefire.failIfNoSpecifiedTests", "gpg.skip", "groups", "test");

    /** Stands for any module. */
    private static final String ANY_MODULE = "guard-x";

    private static final Pattern BLOCK =
            Pattern.compile("^( *)```(\\w*)\n(.*?)^\\1```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern SPAN = Pattern.compile("`([^`\n]+)`");
    private static final Pattern WORD = Pattern.compile("(?:\"[^\"]*\"|'[^']*'|[^\\s\"'])+");
    private static final Pattern GUARD = Pattern.compile("java -jar \\S*relaunch-guard(?:-small)?\\.jar (.*)");
    private static final Pattern SYNOPSIS = Pattern.compile("(launch|mark|explain|drill) .*");
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");
    private static final Pattern PROPERTY = Pattern.compile("-D([\\w.-]+)(=.*)?");
    private static final Pattern SETTING = Pattern.compile("(relaunch-guard\\.[a-z.-]+)=.*");
    private static final Pattern PATH =
            Pattern.compile("(?:docs|findings|guard-[a-z]+|\\.ci|\\.github)(?:/[\\w./-]+)?");
    private static final Pattern TEST = Pattern.compile("[A-Z][a-z]\\w*(?:Test|IT)");

    private static final Pattern MODULE = Pattern.compile("<module>(.*)</module>");

    private record Block(Path file, String language, String text) {}

    private static final Set<String> TESTS = new HashSet<>();

    /** The POMs and the Java that may read a property. */
    private static final StringBuilder SOURCES = new StringBuilder();

    @TempDir
    Path directory;

    @BeforeAll
    static void read() throws IOException {
        for (Path file : ours()) {
            // This class names some properties that it does not read.
            if (!file.endsWith("DocumentedCommandsTest.java")) {
                SOURCES.append(Files.readString(file));
            }
            if (file.toString().contains("/src/test/")) {
                TESTS.add(file.getFileName().toString().replace(".java", ""));
            }
        }
    }

    @Test
    void everyCommandOfTheGuardParses() throws IOException {
        List<String> commands = commands()
                .map(GUARD::matcher)
                .filter(matcher -> matcher.matches())
                .map(matcher -> matcher.group(1))
                .toList();

        assertThat(commands).hasSizeGreaterThanOrEqualTo(4).allSatisfy(command -> {
            // A variable of the shell stands for a number as well as for a file.
            String[] words = words(command).stream()
                    .map(word -> word.replaceAll("\\$\\w+", "12345"))
                    .toArray(String[]::new);
            CommandLine.ParseResult parsed =
                    new RelaunchGuardCommand().commandLine().parseArgs(words);
            assertThat(parsed.subcommand()).isNotNull();
        });
    }

    @Test
    void everyOptionOfTheGuardExists() throws IOException {
        Map<String, CommandLine> subcommands =
                new RelaunchGuardCommand().commandLine().getSubcommands();
        Set<String> ofAny = subcommands.values().stream()
                .flatMap(subcommand -> subcommand.getCommandSpec().optionsMap().keySet().stream())
                .collect(Collectors.toSet());
        List<String> synopses = spans().filter(SYNOPSIS.asMatchPredicate()).toList();
        List<String> options = spansOf(List.of("docs/command-line.md", "docs/real-hosts.md"))
                .filter(span -> span.startsWith("--"))
                .toList();

        assertThat(synopses).hasSizeGreaterThanOrEqualTo(8).allSatisfy(synopsis -> {
            CommandLine subcommand = subcommands.get(words(synopsis).get(0));
            String own = synopsis.replaceFirst("(^| )-- .*", "");
            assertThat(subcommand.getCommandSpec().optionsMap().keySet())
                    .containsAll(OPTION.matcher(own)
                            .results()
                            .map(MatchResult::group)
                            .toList());
        });
        assertThat(options)
                .hasSizeGreaterThanOrEqualTo(12)
                .allSatisfy(option -> assertThat(ofAny)
                        .containsAll(OPTION.matcher(option)
                                .results()
                                .map(MatchResult::group)
                                .toList()));
    }

    @Test
    void everyMavenCommandNamesWhatThereIs() throws IOException {
        List<String> commands =
                commands().filter(command -> command.startsWith("mvn ")).toList();
        List<String> findings = new ArrayList<>();
        for (String command : commands) {
            List<String> words = words(command);
            for (int i = 1; i < words.size(); i++) {
                String word = words.get(i);
                if (word.equals("-pl")) {
                    i++;
                    requireModules(words.get(i), findings);
                } else if (!word.matches("-am|-q")) {
                    requireKnown(word, findings);
                }
            }
        }

        assertThat(commands).hasSizeGreaterThanOrEqualTo(10);
        assertThat(findings).isEmpty();
    }

    @Test
    void everyPropertyOfTheBuildIsReadSomewhere() throws IOException {
        List<String> properties = spans().filter(PROPERTY.asMatchPredicate())
                .filter(span -> !span.startsWith("-Dspring."))
                .toList();
        List<String> findings = new ArrayList<>();
        for (String property : properties) {
            requireKnown(property, findings);
        }

        assertThat(properties).hasSizeGreaterThanOrEqualTo(6);
        assertThat(findings).isEmpty();
    }

    @Test
    void everyShellBlockIsCheckedHereOrRunElsewhere() throws IOException {
        List<String> others = blocks().filter(block -> isShell(block)
                        && !lines(block)
                                .allMatch(line -> line.startsWith("mvn ")
                                        || GUARD.matcher(line).matches()))
                .map(Block::text)
                .toList();

        assertThat(others)
                .hasSameSizeAs(RUN_ELSEWHERE.keySet())
                .allSatisfy(text -> assertThat(RUN_ELSEWHERE.keySet()).anyMatch(text::startsWith));
        assertThat(RUN_ELSEWHERE.values())
                .allSatisfy(runner -> assertThat(TESTS)
                        .containsAll(TEST.matcher(runner)
                                .results()
                                .map(MatchResult::group)
                                .toList()));
    }

    @Test
    @Needs(Need.SHELLCHECK)
    void everyShellBlockIsPlainShell() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("shellcheck", "--shell=sh", "--severity=warning"));
        for (Block block : blocks().filter(DocumentedCommandsTest::isShell).toList()) {
            Path file = directory.resolve(
                    command.size() + block.file().getFileName().toString());
            Files.writeString(file, block.text());
            command.add(file.toString());
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String findings = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(findings).isZero();
        assertThat(command).hasSizeGreaterThan(14);
    }

    @Test
    void everyXmlBlockIsWellFormed() throws IOException {
        List<String> texts = texts("xml");

        assertThat(texts)
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(text -> assertThatCode(() -> DocumentBuilderFactory.newInstance()
                                .newDocumentBuilder()
                                .parse(new InputSource(new StringReader("<block>" + text + "</block>"))))
                        .doesNotThrowAnyException());
    }

    @Test
    void everySettingAndClassInABlockExists() throws IOException {
        String metadata = metadata();
        Stream<String> shown = spans().map(SETTING::matcher)
                .filter(matcher -> matcher.matches())
                .map(matcher -> matcher.group(1));
        List<String> names = Stream.concat(
                        shown,
                        properties()
                                .flatMap(properties -> properties.entrySet().stream()
                                        .flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
                                        .map(String::valueOf)))
                .filter(name -> name.matches("(io\\.)?relaunch-?guard\\..*"))
                .distinct()
                .toList();

        assertThat(names).hasSizeGreaterThanOrEqualTo(8).allSatisfy(name -> {
            if (name.startsWith("io.")) {
                assertThatCode(() -> Class.forName(name)).doesNotThrowAnyException();
            } else {
                assertThat(metadata).contains("\"name\": \"" + name + "\"");
            }
        });
    }

    @Test
    void everyPathAndEveryTestExists() throws IOException {
        List<String> paths = spans().filter(PATH.asMatchPredicate())
                // The build makes these, and this one is a placeholder.
                .filter(path -> !path.contains("/target/") && !path.equals("findings/NAME.sh"))
                .toList();
        List<String> tests = spans().filter(TEST.asMatchPredicate()).distinct().toList();

        assertThat(paths)
                .hasSizeGreaterThanOrEqualTo(8)
                .allSatisfy(path -> assertThat(ROOT.resolve(path)).exists());
        assertThat(tests).hasSizeGreaterThanOrEqualTo(30);
        assertThat(TESTS).containsAll(tests);
    }

    @Test
    void everyLanguageOfABlockIsOneThatIsCheckedOrLeftOut() throws IOException {
        assertThat(blocks().map(Block::language).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(CHECKED.stream(), NOT_CHECKED.stream()).collect(Collectors.toSet()));
    }

    /** Returns the metadata of every jar: Spring Boot's have some of their own. */
    private static String metadata() throws IOException {
        StringBuilder text = new StringBuilder();
        for (URL url : Collections.list(DocumentedCommandsTest.class
                .getClassLoader()
                .getResources("META-INF/spring-configuration-metadata.json"))) {
            try (InputStream in = url.openStream()) {
                text.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return text.toString();
    }

    private static void requireModules(String modules, List<String> findings) {
        for (String module : modules.split(",", -1)) {
            if (!module.equals(ANY_MODULE) && !Files.exists(ROOT.resolve(module).resolve("pom.xml"))) {
                findings.add("no module " + module);
            }
        }
    }

    private static void requireKnown(String word, List<String> findings) {
        var property = PROPERTY.matcher(word);
        if (property.matches()) {
            String name = property.group(1);
            if (!OF_PLUGINS.contains(name) && !isRead(name)) {
                findings.add("no property " + name);
            }
            if (name.equals("test")) {
                requireTests(property.group(2).substring(1), findings);
            }
        } else if (word.startsWith("-P")) {
            if (SOURCES.indexOf("<id>" + word.substring(2) + "</id>") < 0) {
                findings.add("no profile " + word);
            }
        } else if (word.contains(":")) {
            if (SOURCES.indexOf("<artifactId>" + word.substring(0, word.indexOf(':')) + "-maven-plugin<") < 0) {
                findings.add("no plugin for " + word);
            }
        } else if (!PHASES.contains(word)) {
            findings.add("no phase " + word);
        }
    }

    /** Code may put a name together from what is before its last dot and what is after it. */
    private static boolean isRead(String property) {
        int last = property.lastIndexOf('.') + 1;
        return SOURCES.indexOf(property) >= 0
                || (SOURCES.indexOf("\"" + property.substring(0, last) + "\"") >= 0
                        && SOURCES.indexOf("\"" + property.substring(last) + "\"") >= 0);
    }

    private static void requireTests(String patterns, List<String> findings) {
        for (String pattern : patterns.split(",", -1)) {
            if (TESTS.stream()
                    .noneMatch(Pattern.compile(pattern.replace("*", ".*")).asMatchPredicate())) {
                findings.add("no test " + pattern);
            }
        }
    }

    /** Returns each command of a shell block or of a span that is nothing but one, without what follows "&&". */
    private static Stream<String> commands() throws IOException {
        return Stream.concat(
                        blocks().filter(DocumentedCommandsTest::isShell).flatMap(DocumentedCommandsTest::lines),
                        spans())
                .flatMap(line -> Stream.of(line.split(" && ", -1)))
                .filter(line -> line.startsWith("mvn ") || line.startsWith("java -jar "));
    }

    /** A block without a language, too, has commands, and nothing else. */
    private static boolean isShell(Block block) {
        return block.language().equals("sh") || block.language().isEmpty();
    }

    private static Stream<String> lines(Block block) {
        return block.text().lines().map(String::trim).filter(line -> !line.isEmpty());
    }

    private static List<String> words(String command) {
        return WORD.matcher(command)
                .results()
                .map(word -> word.group().replaceAll("[\"']", ""))
                .toList();
    }

    private static Stream<Properties> properties() throws IOException {
        List<Properties> all = new ArrayList<>();
        for (String text : texts("properties")) {
            Properties properties = new Properties();
            properties.load(new StringReader(text));
            all.add(properties);
        }
        return all.stream();
    }

    private static List<String> texts(String language) throws IOException {
        return blocks().filter(block -> block.language().equals(language))
                .map(Block::text)
                .toList();
    }

    private static Stream<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        for (Path file : documents()) {
            BLOCK.matcher(Files.readString(file))
                    .results()
                    .forEach(block -> blocks.add(
                            new Block(file, block.group(2), block.group(3).replaceAll("(?m)^" + block.group(1), ""))));
        }
        return blocks.stream();
    }

    private static Stream<String> spans() throws IOException {
        return spansOf(documents());
    }

    private static Stream<String> spansOf(List<?> files) throws IOException {
        List<String> spans = new ArrayList<>();
        for (Object file : files) {
            String prose = BLOCK.matcher(Files.readString(ROOT.resolve(file.toString())))
                    .replaceAll("");
            SPAN.matcher(prose).results().forEach(span -> spans.add(span.group(1)));
        }
        return spans.stream();
    }

    /** Returns what a reader is sent to; not the decisions and the changes, which tell of their time. */
    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md", "SECURITY.md")
                                    .map(ROOT::resolve),
                            docs.filter(path -> path.toString().endsWith(".md")
                                    && !path.toString().contains("/adr/")))
                    .toList();
        }
    }

    private static List<Path> ours() throws IOException {
        Path pom = ROOT.resolve("pom.xml");
        List<Path> files = new ArrayList<>(List.of(pom));
        for (String module : MODULE.matcher(Files.readString(pom))
                .results()
                .map(match -> match.group(1))
                .toList()) {
            files.add(ROOT.resolve(module).resolve("pom.xml"));
            try (Stream<Path> sources = Files.walk(ROOT.resolve(module).resolve("src"))) {
                sources.filter(path -> path.toString().endsWith(".java")).forEach(files::add);
            }
        }
        return files;
    }
}
