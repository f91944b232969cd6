package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.posix.FileInstanceRecordStore;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What kind of file system a directory is on, on real mounts and in a real chroot. */
@Tag("H49")
@Timeout(120)
class LinuxFileSystemTypeTest {

    private static final Map<String, String> MOUNTS = Map.of(
            "tmpfs", "mount -t tmpfs none $0/profile",
            "overlay",
                    "mkdir $0/lower $0/upper $0/work && mount -t overlay none"
                            + " -o lowerdir=$0/lower,upperdir=$0/upper,workdir=$0/work $0/profile",
            "ext4", "truncate -s 8M $0/image && mkfs.ext4 -q $0/image && mount -o loop $0/image $0/profile");

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path folder;

    /** Says in a JVM of its own what is told, and what the table alone has. */
    static final class Told {

        private Told() {}

        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            String table;
            try {
                table = FileInstanceRecordStore.FileSystemType.OF_THE_JDK.of(directory);
            } catch (IOException e) {
                table = e.getMessage();
            }
            assertThat(LinuxFileSystemType.byStatfs(directory)).isEqualTo(new LinuxFileSystemType().of(directory));
            System.out.println(new LinuxFileSystemType().of(directory) + ", in the table " + table);
        }
    }

    @ParameterizedTest
    @Needs(Need.NAMESPACES)
    @ValueSource(strings = {"tmpfs", "overlay", "ext4"})
    void isToldByTheKernelAsByTheMountTable(String kind) throws IOException {
        Path profile = Files.createDirectory(folder.resolve("profile"));
        List<String> mounted =
                List.of("unshare", "-m", "sh", "-c", MOUNTS.get(kind) + " && exec \"$@\"", folder.toString());

        assertThat(processes.jvm(Told.class, mounted, Map.of(), profile).hear())
                .isEqualTo("%s, in the table %s".formatted(kind, kind));
    }

    /** Its root directory is no mount point, so that the table has no mount of the profile there. */
    @Test
    @Needs(Need.NAMESPACES)
    void isToldInAChrootWhoseRootIsNoMountPoint() throws IOException {
        Path profile = Files.createDirectories(folder.resolve("root/profile"));
        String expected = Files.getFileStore(profile).type();
        List<String> inside = List.of(
                "unshare",
                "-m",
                "sh",
                "-c",
                // A directory is no mount point because something is mounted below it.
                "for there in /*; do test -d $there || continue; case $there in /profile) continue;; esac;"
                        + " if test -L $there; then cp -d $there $0/root/; else mkdir -p $0/root$there"
                        + " && mount --rbind $there $0/root$there || exit 1; fi; done; exec chroot $0/root \"$@\"",
                folder.toString());

        assertThat(processes
                        .jvm(Told.class, inside, Map.of(), Path.of("/profile"))
                        .hear())
                .isEqualTo("%s, in the table Mount point not found".formatted(expected));
    }

    @Test
    void isNotToldOfADirectoryThatIsNotThere() {
        assertThatThrownBy(() -> LinuxFileSystemType.byStatfs(folder.resolve("none")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No such file or directory");
    }
}
