package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.fresh.FreshApplication;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.FreshProject;
import io.relaunchguard.it.harness.Sandbox;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An application with a guard of its own, started by the reference launcher on the same profile. */
@Tag("H65")
class InnerLaunchIT {

    private static final String READY = "Launch READY";
    private static final String HELD = "Launch HELD";

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    void passesThroughThePermitOfItsAncestor() throws Exception {
        launch(application());

        await().atMost(60, SECONDS).until(() -> output().contains("Started FreshApplication"));

        assertThat(output()).contains(READY).doesNotContain(HELD);
        assertThat(cli.launch().reason()).as("anybody else").isEqualTo("sole-launcher");
    }

    @Test
    @Tag("H07")
    @Tag("long")
    void oneProcessBelowTheAncestorPassesThroughAndNoOther() throws Exception {
        List<String> script = new ArrayList<>(List.of("/bin/sh", "-c", "\"$@\" & \"$@\" & wait", "sh"));
        script.addAll(application());
        launch(script);

        await().atMost(90, SECONDS)
                .until(() -> output().contains("Started FreshApplication") && output().contains(HELD));

        assertThat(output().split(READY, -1)).hasSize(2);
    }

    private void launch(List<String> command) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("launch", "--profile=" + sandbox.profile(), "--"));
        arguments.addAll(command);
        sandbox.start("launcher", Cli.command(arguments.toArray(String[]::new)));
    }

    private List<String> application() {
        List<String> command = new ArrayList<>(FreshProject.java());
        command.addAll(List.of(
                FreshApplication.class.getName(),
                "--relaunch-guard.profile=" + sandbox.profile(),
                "--server.address=127.0.0.1",
                "--server.port=0"));
        return command;
    }

    private String output() throws IOException {
        return sandbox.output("launcher.out") + sandbox.output("launcher.err");
    }
}
