package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.asm.ClassReader;

/**
 * The small executable jar, of which the build leaves out the classes that its commands do not reach: all that the command line
 * does, and that nothing is missing that another platform or a rare failure needs.
 */
@Tag("long")
class SmallJarIT extends CommandLineIT {

    private static final Path JAR = Path.of(System.getProperty("relaunchguard.small-jar"));
    private static final long MOST_BYTES = 6_000_000;

    /** Libraries that those in the jar can use, and do without. */
    private static final List<String> OPTIONAL = List.of(
            "ch.qos.logback.",
            "io.micrometer.context.",
            "io.micrometer.core.",
            "kotlin.",
            "kotlinx.",
            "org.jspecify.",
            "org.slf4j.",
            "org.springframework.security.");

    /** Classes of which the compiler has copied constants, and which are named for nothing else. */
    private static final List<String> COPIED = List.of(
            "com.sun.jna.platform.win32.NTStatus",
            "org.springframework.asm.Constants",
            "org.springframework.beans.PropertyAccessor",
            "org.springframework.statemachine.StateMachineMessageHeaders",
            "org.springframework.statemachine.StateMachineSystemConstants",
            "org.springframework.util.StreamUtils");

    /** Names of classes in texts: of logs that {@code ErrorLog} does not choose, and of an annotation. */
    private static final List<String> UNUSED = List.of(
            "jakarta.annotation.Priority",
            "org.apache.commons.logging.impl.Jdk13LumberjackLogger",
            "org.apache.commons.logging.impl.Log4JLogger",
            "org.apache.commons.logging.impl.Log4jApiLogFactory",
            "org.apache.commons.logging.impl.SimpleLog",
            "org.apache.commons.logging.impl.Slf4jLogFactory",
            "org.apache.logging.slf4j.SLF4JProvider",
            "org.springframework.boot.logging.LoggingSystem");

    /** What can name a class or a file. */
    private static final Pattern NAME = Pattern.compile("[\\w$-]+([./][\\w$-]+)+");

    /** The tag of a text among the constants of a class. */
    private static final int TEXT = 8;

    @Override
    Cli cli(Sandbox of) {
        return Cli.small(of);
    }

    /** No test here: the small jar has no drill. */
    @Override
    void playsTheDrillAndLeavesNothingBehind() {}

    @Test
    void isSmallAndHasTheNativeLibraryOfEachPlatformAndTheLicencesOfItsLibraries() throws Exception {
        assertThat(Files.size(JAR)).isLessThanOrEqualTo(MOST_BYTES);
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(jar.stream().map(JarEntry::getName).filter(name -> name.contains("jnidispatch")))
                    .containsExactlyInAnyOrder(
                            "com/sun/jna/darwin-aarch64/libjnidispatch.jnilib",
                            "com/sun/jna/darwin-x86-64/libjnidispatch.jnilib",
                            "com/sun/jna/linux-aarch64/libjnidispatch.so",
                            "com/sun/jna/linux-x86-64/libjnidispatch.so",
                            "com/sun/jna/win32-aarch64/jnidispatch.dll",
                            "com/sun/jna/win32-x86-64/jnidispatch.dll");
            assertThat(text(jar, "META-INF/LICENSE.txt")).contains("Apache License", "Objenesis", "ASM");
            assertThat(text(jar, "META-INF/LICENSE")).contains("Java Native Access");
            assertThat(text(jar, "META-INF/NOTICE.txt")).contains("Spring Framework", "Apache Commons Logging");
            assertThat(text(jar, "META-INF/NOTICE")).contains("Micrometer");
        }
    }

    @Test
    void sparesAHolderThenEndsItOnceItHasConsented() throws Exception {
        Process wedged = sandbox.startUnheeding("wedged");
        sandbox.writeLock(hostName() + "-" + wedged.pid());
        String profile = "--profile=" + sandbox.profile();

        Cli.Run held = cli.run(cli.jar("launch", "--json", "--cache-release=PT0.2S", profile));
        assertThat(held.exitCode()).as(held.out() + held.err()).isEqualTo(3);
        assertThat(held.reason()).isEqualTo("marker-present");
        assertThat(wedged.isAlive()).isTrue();

        Cli.Run marked = cli.run(cli.jar("mark", profile, "--pid=" + wedged.pid()));
        assertThat(marked.exitCode()).as(marked.err()).isZero();
        Cli.Run explained = cli.run(cli.jar("explain", "--json", profile));
        assertThat(explained.json().path("verdict").path("kind").asString())
                .as(explained.out() + explained.err())
                .isEqualTo("reap");

        Cli.Run reaped = cli.run(cli.jar(
                "launch",
                "--json",
                profile,
                "--teardown-grace=PT0.1S",
                "--teardown-grace-limit=PT0.1S",
                "--term-grace=PT0.3S"));
        assertThat(reaped.exitCode()).as(reaped.out() + reaped.err()).isZero();
        assertThat(reaped.states()).contains("TERM", "KILL", "READY");
        assertThat(reaped.signals()).containsExactly("TERM " + wedged.pid(), "KILL " + wedged.pid());
        assertThat(reaped.json().path("faults")).isEmpty();
        assertThat(Stream.of(held, marked, explained, reaped).map(Cli.Run::err)).containsOnly("");
        assertThat(wedged.waitFor()).as("killed").isEqualTo(128 + 9);
    }

    @ParameterizedTest
    @ValueSource(strings = {"drill", "--page"})
    void refusesWhatItLacks(String lacking) throws Exception {
        Cli.Run run = lacking.equals("drill")
                ? cli.run("drill", "--no-browser")
                : cli.run("launch", lacking, "--profile=" + sandbox.profile());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("'" + lacking + "'");
        assertThat(sandbox.profile()).isEmptyDirectory();
    }

    @Test
    @Tag("H26")
    void lacksNoClassThatAClassRefersTo() {
        StringWriter found = new StringWriter();
        ToolProvider jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
        int exitCode = jdeps.run(
                new PrintWriter(found), new PrintWriter(found), "-verbose:class", "-filter:none", JAR.toString());

        assertThat(exitCode).as(found.toString()).isZero();
        List<String> needed = found.toString()
                .lines()
                .filter(line -> line.startsWith(" ") && line.contains(" -> "))
                .toList();
        assertThat(needed)
                .anyMatch(line -> line.contains("io.relaunchguard.platform.windows.WindowsPlatform"))
                .anyMatch(line -> line.contains("io.relaunchguard.platform.macos.MacosPlatform"));
        assertThat(needed.stream()
                        .filter(line -> line.endsWith("not found"))
                        .map(line -> line.strip().split(" +", -1)[2])
                        .filter(name -> OPTIONAL.stream().noneMatch(name::startsWith))
                        .distinct())
                .isSubsetOf(COPIED);
    }

    /** A class that another one finds by its name, as JNA does on Windows, and a file that it reads. */
    @Test
    @Tag("H26")
    void lacksNoClassOrFileThatATextNames() throws Exception {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Set<String> lacking = new TreeSet<>();
            for (JarEntry entry : Collections.list(jar.entries())) {
                if (entry.getName().endsWith(".class")) {
                    for (String name : names(jar, entry)) {
                        if (lacks(jar, name) || lacks(jar, name.replace('.', '/') + ".class")) {
                            lacking.add(name);
                        }
                    }
                }
            }
            // No library in the jar has anything to choose there for what the commands do.
            lacking.remove("META-INF/spring.factories");
            assertThat(lacking).isSubsetOf(UNUSED);
        }
    }

    /** Whether it lacks a file that the full launcher has, whose libraries these tests have too. */
    private static boolean lacks(JarFile jar, String file) {
        if (!file.contains(".") || jar.getEntry(file) != null) {
            return false;
        }
        URL found = SmallJarIT.class.getClassLoader().getResource(file);
        return found != null && !found.getProtocol().equals("jrt");
    }

    private static List<String> names(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream input = jar.getInputStream(entry)) {
            ClassReader constants = new ClassReader(input);
            char[] buffer = new char[constants.getMaxStringLength()];
            List<String> names = new ArrayList<>();
            for (int i = 1; i < constants.getItemCount(); i++) {
                int offset = constants.getItem(i);
                if (offset > 0
                        && constants.readByte(offset - 1) == TEXT
                        && constants.readConst(i, buffer) instanceof String text
                        && NAME.matcher(text).matches()) {
                    names.add(text);
                }
            }
            return names;
        }
    }

    private static String text(JarFile jar, String name) throws IOException {
        try (InputStream input = jar.getInputStream(jar.getEntry(name))) {
            return new String(input.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
