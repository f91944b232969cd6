package io.relaunchguard.platform.linux;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.successor.OwnCommand;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A reader of the command of a process from its directory in {@code /proc}: {@code exe}, {@code cmdline} and
 * {@code cwd} of proc(5). Unlike {@link ProcessHandle}, it neither truncates a long command line nor omits the name
 * under which the program was called.
 */
record OwnCommandReader(Path process, Charset encoding) {

    Observation<OwnCommand> read() {
        try {
            byte[] bytes = Files.readAllBytes(process.resolve("cmdline"));
            String text = new String(bytes, encoding);
            if (!text.endsWith("\0") || !Arrays.equals(text.getBytes(encoding), bytes)) {
                return Observation.unknown("its command line is no text in " + encoding);
            }
            return Observation.seen(new OwnCommand(
                    Files.readSymbolicLink(process.resolve("exe")).toString(),
                    List.of(text.substring(0, text.length() - 1).split("\0", -1)),
                    Files.readSymbolicLink(process.resolve("cwd")).toString()));
        } catch (IOException e) {
            return Observation.unknown("its command line cannot be read: " + e.getMessage());
        }
    }
}
