package io.relaunchguard.it.desktop;

import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.statemachine.desktop.WindowToFront;
import java.awt.Color;
import java.awt.Frame;
import java.awt.Point;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.swing.JDialog;
import javax.swing.JFrame;
import org.awaitility.Awaitility;

/** An application whose window is below another, and comes to the front. Says which was seen, before and after. */
public final class CoveredApplication {

    private static final Point MIDDLE = new Point(200, 200);

    private CoveredApplication() {}

    public static void main(String[] args) throws Exception {
        Person person = new Person(Path.of(args[0]));
        Person.onTheEventThread(() -> {
            JFrame window = new JFrame("Editor");
            window.getContentPane().setBackground(Color.RED);
            window.setBounds(100, 100, 200, 200);
            window.setVisible(true);
            JDialog above = new JDialog((Frame) null, "Another");
            above.getContentPane().setBackground(Color.BLUE);
            above.setBounds(50, 50, 300, 300);
            above.setVisible(true);
            above.toFront();
            return window;
        });
        await(person, Color.BLUE);
        System.out.println("covered");
        new WindowToFront().secondStart(new SecondStart(List.of(), "/"));
        await(person, Color.RED);
        System.out.println("in front");
        System.exit(0);
    }

    private static void await(Person person, Color colour) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(20))
                .until(() -> person.colour(MIDDLE) == colour.getRGB());
    }
}
