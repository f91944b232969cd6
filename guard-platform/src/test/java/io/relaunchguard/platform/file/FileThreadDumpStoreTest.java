package io.relaunchguard.platform.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.relaunchguard.core.Observation;
import io.relaunchguard.platform.posix.PosixFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("H50")
class FileThreadDumpStoreTest {

    @TempDir
    Path directory;

    private Path profile;
    private FileThreadDumpStore dumps;

    @BeforeEach
    void inTheProfile() throws IOException {
        profile = Files.createDirectory(directory.resolve("profile"));
        dumps = new FileThreadDumpStore(profile, new PosixFiles(() -> Observation.unknown("not asked")));
    }

    @Test
    void findsTheDumpOfTheConsentAndNoOther() throws IOException {
        dumps.write("c0ffee-1", "\"main\" é");

        Path file = dumps.find("c0ffee-1").orElseThrow();
        assertThat(file).isAbsolute().hasContent("\"main\" é");
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(dumps.find("c0ffee-2")).isEmpty();
    }

    @Test
    void keepsTheLastThreeAndNothingOfAWriterThatWasEnded() throws IOException {
        Files.writeString(profile.resolve("RelaunchGuard.threads.torn.8a.tmp"), "half of");
        List<String> nonces = List.of("one", "two", "three", "four", "five");
        for (int i = 0; i < nonces.size(); i++) {
            for (Path older : files()) {
                Files.setLastModifiedTime(
                        older,
                        FileTime.from(
                                Files.getLastModifiedTime(older).toInstant().minusSeconds(60)));
            }
            dumps.write(nonces.get(i), "dump " + i);
        }

        assertThat(files())
                .extracting(file -> file.getFileName().toString())
                .containsExactlyInAnyOrder(
                        "RelaunchGuard.threads.three", "RelaunchGuard.threads.four", "RelaunchGuard.threads.five");
    }

    @Test
    void leavesWhatIsNotADumpAlone() throws IOException {
        Path other = Files.writeString(profile.resolve("RelaunchGuard.history"), "old");
        Files.setLastModifiedTime(other, FileTime.from(Instant.EPOCH));
        for (String nonce : List.of("one", "two", "three", "four")) {
            dumps.write(nonce, "dump");
        }

        assertThat(other).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../outside", "a/b", "a.b", "C:", "x\u0000", "ä"})
    void aNonceThatLeadsElsewhereNamesNoFile(String nonce) throws IOException {
        Files.writeString(directory.resolve("outside"), "not a dump");

        assertThat(dumps.find(nonce)).isEmpty();
        assertThatIOException().isThrownBy(() -> dumps.write(nonce, "dump"));
        assertThat(files()).isEmpty();
    }

    @Test
    void aLinkIsNoDump() throws IOException {
        Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "not a dump");
        Files.createSymbolicLink(profile.resolve("RelaunchGuard.threads.n"), elsewhere);

        assertThat(dumps.find("n")).isEmpty();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> found = Files.list(profile)) {
            return found.toList();
        }
    }
}
