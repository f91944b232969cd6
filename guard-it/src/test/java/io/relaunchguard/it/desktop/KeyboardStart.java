package io.relaunchguard.it.desktop;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.secondstart.RunningApplication;
import java.awt.Component;
import java.awt.KeyboardFocusManager;
import java.awt.Window;
import java.awt.event.KeyEvent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.accessibility.AccessibleContext;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * Starts an application that is running, in front of a person who looks at the dialog and has a keyboard only. The arguments: where
 * the picture goes, its name, what the dialog says; the rest is the application's. Says what was seen.
 */
public final class KeyboardStart {

    private KeyboardStart() {}

    public static void main(String[] args) throws Exception {
        CompletableFuture<Void> person = CompletableFuture.runAsync(() -> {
            try {
                look(new Person(Path.of(args[0])), args[1], args[2]);
            } catch (Throwable t) {
                t.printStackTrace();
                // The dialog would wait for ever.
                Runtime.getRuntime().halt(1);
            }
        });
        new SpringApplicationBuilder(RunningApplication.class)
                .web(WebApplicationType.NONE)
                .headless(false)
                .run(Arrays.copyOfRange(args, 3, args.length));
        person.join();
    }

    private static void look(Person person, String picture, String text) throws Exception {
        Window dialog = person.awaitWindow(text);
        AccessibleContext focused = await().atMost(60, SECONDS)
                .until(
                        () -> Person.onTheEventThread(
                                () -> Optional.ofNullable(KeyboardFocusManager.getCurrentKeyboardFocusManager()
                                                .getFocusOwner())
                                        .map(Component::getAccessibleContext)),
                        Optional::isPresent)
                .orElseThrow();
        person.photograph(dialog, picture);
        System.out.println("focus: %s, %s".formatted(focused.getAccessibleName(), focused.getAccessibleRole()));
        AccessibleContext window = dialog.getAccessibleContext();
        System.out.println("dialog: %s, %s".formatted(window.getAccessibleRole(), window.getAccessibleDescription()));
        System.out.println("can be ended: " + Person.windowSaying("End it").isPresent());
        person.type(KeyEvent.VK_ESCAPE);
    }
}
