package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("H34")
class CLibraryTest {

    private static final String LINE = "7f0b19132000-7f0b19147000 r--p 00000000 fe:00 1671859          %s%n";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1", "/lib/libc.musl-x86_64.so.1"})
    void knowsMusl(String file) throws IOException {
        assertThat(CLibrary.hindrance(maps("/usr/bin/java", file)).orElseThrow())
                .contains("is musl");
    }

    @ParameterizedTest
    @CsvSource({
        "/lib64/libc-2.17.so, 2.17",
        "/usr/lib/x86_64-linux-gnu/libc-2.31.so, 2.31",
        "/usr/lib64/libc-2.33.so, 2.33"
    })
    void knowsAGlibcThatIsTooOld(String file, String version) throws IOException {
        assertThat(CLibrary.hindrance(maps("/usr/bin/java", file)).orElseThrow())
                .contains("is glibc " + version);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/usr/lib/x86_64-linux-gnu/libc.so.6",
                "/opt/app/libc-2.31.so.bak",
                "/opt/app/mylibc-2.31.so",
                "/opt/ld-musl-x86_64/app.so",
                "[heap]"
            })
    void knowsNothingAgainstAnyOther(String file) throws IOException {
        assertThat(CLibrary.hindrance(maps("/usr/bin/java", file))).isEmpty();
    }

    @Test
    void knowsNothingAgainstWhatCannotBeRead() {
        assertThat(CLibrary.hindrance(directory.resolve("none"))).isEmpty();
    }

    @Test
    void saysOfThisHostWhatItsCLibrarySays() {
        boolean hasTheFunction;
        try {
            NativeLibrary.getInstance("c").getFunction("posix_spawn_file_actions_addclosefrom_np");
            hasTheFunction = true;
        } catch (UnsatisfiedLinkError e) {
            hasTheFunction = false;
        }

        assertThat(new LinuxPlatform().startHindrance().isEmpty()).isEqualTo(hasTheFunction);
    }

    private Path maps(String... files) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String file : files) {
            lines.append(LINE.formatted(file));
        }
        return Files.writeString(directory.resolve("maps"), lines);
    }
}
