package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.successor.OwnCommand;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Tag("H55")
class OwnCommandReaderTest {

    @TempDir
    Path process;

    @Test
    void readsEveryArgumentEmptyOnesToo() throws Exception {
        give("java\0\0a b\0\u00fc\0".getBytes(StandardCharsets.UTF_8));

        assertThat(new OwnCommandReader(process, StandardCharsets.UTF_8).read())
                .isEqualTo(Observation.seen(
                        new OwnCommand("/jdk/bin/java", List.of("java", "", "a b", "\u00fc"), "/home")));
    }

    @Test
    void doesNotGuessAtWhatItsEncodingCannotSay() throws Exception {
        give("java\0\u00fc\0".getBytes(StandardCharsets.UTF_8));

        assertThat(new OwnCommandReader(process, StandardCharsets.US_ASCII)
                        .read()
                        .shortfall())
                .isEqualTo("its command line is no text in US-ASCII");
    }

    @Test
    void saysWhatCannotBeRead() {
        assertThat(new OwnCommandReader(process, StandardCharsets.UTF_8).read().shortfall())
                .contains("cannot be read");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void readsItsOwn() {
        assertThat(new LinuxPlatform().ownCommand().toOptional()).hasValueSatisfying(own -> {
            assertThat(own.executable()).isEqualTo(System.getProperty("java.home") + "/bin/java");
            assertThat(own.directory()).isEqualTo(Path.of("").toAbsolutePath().toString());
            assertThat(own.arguments()).hasSizeGreaterThan(1);
        });
    }

    private void give(byte[] commandLine) throws Exception {
        Files.write(process.resolve("cmdline"), commandLine);
        Files.createSymbolicLink(process.resolve("exe"), Path.of("/jdk/bin/java"));
        Files.createSymbolicLink(process.resolve("cwd"), Path.of("/home"));
    }
}
