package io.relaunchguard.it.desktop;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import java.awt.AWTException;
import java.awt.Component;
import java.awt.Container;
import java.awt.EventQueue;
import java.awt.Image;
import java.awt.Point;
import java.awt.Rectangle;
import java.awt.Robot;
import java.awt.Window;
import java.awt.event.InputEvent;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.swing.JButton;
import javax.swing.JLabel;
import javax.swing.text.JTextComponent;
import org.awaitility.core.ConditionTimeoutException;

/** Looks at the windows of its own JVM, takes pictures of them, and presses buttons with the mouse. */
public final class Person {

    private final Robot robot;
    private final Path pictures;

    public Person(Path pictures) throws AWTException {
        this.robot = new Robot();
        this.pictures = pictures;
    }

    /** Waits for a window in which a label or a button says this. */
    Window awaitWindow(String text) {
        try {
            return await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(50))
                    .atMost(30, SECONDS)
                    .until(() -> onTheEventThread(() -> windowSaying(text)), Optional::isPresent)
                    .orElseThrow();
        } catch (ConditionTimeoutException e) {
            List<String> seen = onTheEventThread(() -> windows()
                    .flatMap(Person::components)
                    .filter(Component::isShowing)
                    .map(Person::text)
                    .filter(said -> !said.isBlank())
                    .toList());
            throw new AssertionError("No window says \"" + text + "\"; what is seen says " + seen, e);
        }
    }

    /** Takes a picture of the window, as soon as it has been painted. */
    public void photograph(Window window, String name) throws IOException {
        Rectangle place = onTheEventThread(window::getBounds);
        BufferedImage picture = await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .atMost(30, SECONDS)
                .until(() -> capture(place), Person::isPainted);
        ImageIO.write(picture, "png", pictures.resolve(name).toFile());
    }

    /** In the pixels of the screen: at 200 % there are four of them to each of Java's. */
    private BufferedImage capture(Rectangle place) {
        List<Image> variants = robot.createMultiResolutionScreenCapture(place).getResolutionVariants();
        return (BufferedImage) variants.get(variants.size() - 1);
    }

    private static boolean isPainted(BufferedImage picture) {
        int width = picture.getWidth();
        return Arrays.stream(picture.getRGB(0, 0, width, picture.getHeight(), null, 0, width))
                        .distinct()
                        .count()
                > 3;
    }

    /** Presses the button that says this, once more a second if nothing comes of it: a busy display may lose it. */
    void press(Window window, String text, Callable<Boolean> effect) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofSeconds(1))
                .atMost(30, SECONDS)
                .until(() -> {
                    boolean done = onTheEventThread(effect);
                    if (!done) {
                        click(onTheEventThread(() -> middle(window, text)));
                    }
                    return done;
                });
    }

    /** Presses a key. */
    void type(int key) {
        robot.keyPress(key);
        robot.keyRelease(key);
        robot.waitForIdle();
    }

    void click(Point place) {
        robot.mouseMove(place.x, place.y);
        robot.mousePress(InputEvent.BUTTON1_DOWN_MASK);
        robot.mouseRelease(InputEvent.BUTTON1_DOWN_MASK);
        robot.waitForIdle();
    }

    private static Point middle(Window window, String text) {
        Component button = components(window)
                .filter(component -> component instanceof JButton)
                .filter(says(text))
                .findFirst()
                .orElseThrow();
        Point corner = button.getLocationOnScreen();
        return new Point(corner.x + button.getWidth() / 2, corner.y + button.getHeight() / 2);
    }

    /** The colour at this point of the screen. */
    public int colour(Point point) {
        return robot.getPixelColor(point.x, point.y).getRGB();
    }

    static <T> T onTheEventThread(Callable<T> question) {
        Object[] answer = new Object[1];
        try {
            EventQueue.invokeAndWait(() -> {
                try {
                    answer[0] = question.call();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new UncheckedIOException(new IOException(e));
        }
        @SuppressWarnings("unchecked") // what the question gives
        T given = (T) answer[0];
        return given;
    }

    static Optional<Window> windowSaying(String text) {
        return windows()
                .filter(window -> components(window).anyMatch(says(text)))
                .findFirst();
    }

    private static Stream<Window> windows() {
        return Arrays.stream(Window.getWindows()).filter(Window::isShowing);
    }

    private static Predicate<Component> says(String text) {
        return component -> component.isShowing() && text(component).contains(text);
    }

    private static String text(Component component) {
        if (component instanceof JLabel label) {
            return String.valueOf(label.getText());
        }
        if (component instanceof JTextComponent area) {
            return String.valueOf(area.getText());
        }
        return component instanceof JButton button ? String.valueOf(button.getText()) : "";
    }

    private static Stream<Component> components(Container container) {
        return Arrays.stream(container.getComponents())
                .flatMap(component -> component instanceof Container inner
                        ? Stream.concat(Stream.of(component), components(inner))
                        : Stream.of(component));
    }
}
