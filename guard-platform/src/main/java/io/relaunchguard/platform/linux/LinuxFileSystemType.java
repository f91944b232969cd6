package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLong;
import io.relaunchguard.platform.posix.FileInstanceRecordStore.FileSystemType;
import io.relaunchguard.platform.posix.PathBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * The type of the file system that a directory is on, from the mount table. Where that table does not show the mount,
 * as in a chroot whose root directory is no mount point (see {@code /proc/PID/mountinfo} in proc(5)), it comes from
 * statfs(2), which loads the native library.
 */
final class LinuxFileSystemType implements FileSystemType {

    /**
     * The names of the type numbers of statfs(2). A missing type is not trusted to be local to one kernel, so its name
     * does not matter.
     */
    private static final Map<Integer, String> NAMES = Map.of(
            0xEF53, "ext4",
            0x58465342, "xfs",
            0x9123683E, "btrfs",
            0xF2F52010, "f2fs",
            0x2FC12FC1, "zfs",
            0x01021994, "tmpfs",
            0x794C7630, "overlay");

    @Override
    public String of(Path directory) throws IOException {
        try {
            return OF_THE_JDK.of(directory);
        } catch (IOException notInTheTable) {
            return byStatfs(directory);
        }
    }

    /**
     * Returns the type by the number that the kernel reports.
     *
     * @throws IOException if statfs(2) fails or the native library cannot be loaded
     */
    static String byStatfs(Path directory) throws IOException {
        byte[] result = new byte[LibC.MORE_THAN_STATFS];
        try {
            byte[] path = PathBytes.of(directory);
            LibC.get().statfs(Arrays.copyOf(path, path.length + 1), result);
        } catch (LastErrorException e) {
            throw new IOException(
                    "the type of the file system of %s cannot be read: %s"
                            .formatted(directory, LibC.get().strerror(e.getErrorCode())),
                    e);
        } catch (LinkageError e) {
            throw new IOException(LibC.missing(e), e);
        }
        ByteBuffer word = ByteBuffer.wrap(result).order(ByteOrder.nativeOrder());
        int number = NativeLong.SIZE == Long.BYTES ? (int) word.getLong() : word.getInt();
        return NAMES.getOrDefault(number, "0x" + Integer.toHexString(number));
    }
}
