package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.platform.posix.DirectoryLocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("H32")
class KernelLockListTest {

    private static final Path LIST = Path.of("/proc/locks");
    private static final Observation<String> EVERYBODY = Observation.seen("everybody");

    @TempDir
    Path folder;

    @Test
    void showsALockOfADirectoryAndNoOther() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        KernelLockList list = new KernelLockList(LIST, () -> EVERYBODY);
        assertThat(list.mayBeLocked(folder)).isFalse();

        try (DirectoryLocks.Lock lock = new LinuxDirectoryLocks()
                .tryLock(folder, DirectoryLocks.Kind.EXCLUSIVE)
                .orElseThrow()) {
            assertThat(list.mayBeLocked(folder)).as("%s", lock).isTrue();
            assertThat(list.mayBeLocked(other)).isFalse();
        }
        assertThat(list.mayBeLocked(folder)).isFalse();
    }

    @Test
    @Tag("H12")
    void excludesNothingThatItCannotSee() throws IOException {
        assertThat(new KernelLockList(LIST, () -> Observation.unknown("a sandbox")).mayBeLocked(folder))
                .isTrue();
        assertThat(new KernelLockList(folder.resolve("none"), () -> EVERYBODY).mayBeLocked(folder))
                .isTrue();
        Path malformed = Files.writeString(folder.resolve("malformed"), "no list");
        assertThat(new KernelLockList(malformed, () -> EVERYBODY).mayBeLocked(folder))
                .isFalse();
    }
}
