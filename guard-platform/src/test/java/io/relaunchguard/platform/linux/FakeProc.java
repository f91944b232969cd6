package io.relaunchguard.platform.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory that looks like {@code /proc}, with only what a test puts there. */
final class FakeProc {

    private final Path root;

    FakeProc(Path root, String self) throws IOException {
        this.root = root;
        Files.createSymbolicLink(root.resolve("self"), Path.of(self));
    }

    /** One that belongs to this process. */
    static FakeProc ours(Path root) throws IOException {
        return new FakeProc(root, Long.toString(ProcessHandle.current().pid()));
    }

    Proc proc() {
        return new Proc(root);
    }

    /** Copies the text files of a real process. */
    FakeProc show(long pid) throws IOException {
        Path copy = Files.createDirectories(root.resolve(Long.toString(pid)));
        for (String name : new String[] {"stat", "status"}) {
            Files.write(copy.resolve(name), Files.readAllBytes(Path.of("/proc", Long.toString(pid), name)));
        }
        return this;
    }

    FakeProc file(long pid, String name, String content) throws IOException {
        Path directory = Files.createDirectories(root.resolve(Long.toString(pid)));
        Files.writeString(directory.resolve(name), content, StandardCharsets.ISO_8859_1);
        return this;
    }
}
