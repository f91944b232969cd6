package io.relaunchguard.platform.linux;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Counts in a file that is mapped into its memory, twenty times a second, and does nothing else. */
final class IdleWithAMappedFile {

    private IdleWithAMappedFile() {}

    public static void main(String[] args) throws Exception {
        try (FileChannel file = FileChannel.open(Path.of(args[0]), CREATE, READ, WRITE)) {
            MappedByteBuffer counter = file.map(MapMode.READ_WRITE, 0, Long.BYTES);
            System.out.println("ready");
            CountDownLatch never = new CountDownLatch(1);
            for (long count = 0; !never.await(50, TimeUnit.MILLISECONDS); count++) {
                counter.putLong(0, count);
            }
        }
    }
}
