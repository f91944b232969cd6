package io.relaunchguard.it.desktop;

import io.relaunchguard.it.secondstart.RunningApplication;
import java.awt.KeyboardFocusManager;
import java.awt.Window;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * Starts an application whose running instance does not respond, in front of a person who has it ended. The first argument is
 * where the pictures go. Says what was seen.
 */
public final class ImpatientStart {

    private ImpatientStart() {}

    public static void main(String[] args) throws Exception {
        Path pictures = Path.of(args[0]);
        CompletableFuture<Void> person = CompletableFuture.runAsync(() -> {
            try {
                look(new Person(pictures));
            } catch (Throwable t) {
                t.printStackTrace();
                // The dialog would wait for ever.
                Runtime.getRuntime().halt(1);
            }
        });
        String[] arguments = Arrays.copyOfRange(args, 1, args.length);
        try (var context = new SpringApplicationBuilder(RunningApplication.class)
                .web(WebApplicationType.NONE)
                .headless(false)
                .run(arguments)) {
            person.join();
            System.out.println("started " + context.isActive());
        }
        System.exit(0);
    }

    private static void look(Person person) throws Exception {
        Window dialog = person.awaitWindow("The running program does not respond.");
        person.photograph(dialog, "held.png");
        person.press(
                dialog, "End it…", () -> Person.windowSaying("Leave it running").isPresent());
        Window question = person.awaitWindow("Leave it running");
        person.photograph(question, "end.png");
        person.press(question, "End process", () -> !question.isShowing());
        Window splash = person.awaitWindow("finish saving… ");
        person.photograph(splash, "splash.png");
        System.out.println("focus in the splash: "
                + Person.onTheEventThread(() ->
                        KeyboardFocusManager.getCurrentKeyboardFocusManager().getFocusedWindow() == splash));
    }
}
