package io.relaunchguard.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplicationTest {

    @Test
    void isNeverStartedOnceItIsToEnd(@TempDir Path directory) throws Exception {
        Path started = directory.resolve("started");
        Application application = new Application(List.of("/bin/sh", "-c", "> " + started), false);

        application.end();

        assertThat(application.start()).isNull();
        assertThat(Files.exists(started)).isFalse();
    }
}
