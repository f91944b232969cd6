package io.relaunchguard.it.desktop;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import java.awt.Color;
import java.awt.KeyboardFocusManager;
import java.awt.Point;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.swing.JFrame;

/**
 * Another program, with a blue window over a part of the {@link Editor}'s, in which a person works: says {@code worked at <time>}, by the
 * clock of the X server. Then says each time that it changes what that person sees, {@code blue} or the editor's {@code red}, with
 * {@code without the keyboard} before it if this program does not have that.
 */
public final class OtherWork {

    private static final Point BOTH = new Point(250, 250);
    private static final Point UNCOVERED = new Point(430, 430);

    private OtherWork() {}

    public static void main(String[] args) throws Exception {
        Person person = new Person(Path.of(args[0]));
        await().atMost(30, SECONDS).until(() -> person.colour(BOTH) == Color.RED.getRGB());
        Person.onTheEventThread(() -> {
            JFrame window = new JFrame("Other work");
            window.getContentPane().setBackground(Color.BLUE);
            window.setBounds(150, 150, 300, 300);
            window.setVisible(true);
            return window;
        });
        // It comes below: this program was not started by a click either.
        await().atMost(30, SECONDS).until(() -> person.colour(UNCOVERED) == Color.BLUE.getRGB());
        person.click(UNCOVERED);
        await().atMost(30, SECONDS).until(() -> person.colour(BOTH) == Color.BLUE.getRGB());
        // An X server on the same machine has the clock of System.nanoTime.
        System.out.println("worked at " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
        String last = "";
        while (true) {
            String before = last;
            last = await().pollInterval(Duration.ofMillis(20))
                    .forever()
                    .until(() -> seen(person), now -> !now.equals(before));
            System.out.println(last);
        }
    }

    private static String seen(Person person) {
        boolean hasKeyboard = Person.onTheEventThread(
                () -> KeyboardFocusManager.getCurrentKeyboardFocusManager().getFocusedWindow() != null);
        return (hasKeyboard ? "" : "without the keyboard: ")
                + (person.colour(BOTH) == Color.RED.getRGB() ? "red" : "blue");
    }
}
