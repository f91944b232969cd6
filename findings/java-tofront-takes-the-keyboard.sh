#!/usr/bin/env bash
# Frame.toFront() on X11 takes the keyboard for a window that the window manager leaves behind another.
#
# Seen:     OpenJDK 17.0.15 (XToolkit), Metacity 3.46.1, Xvfb 21.1.7, 2026-11-29, Debian 12.
# Surprise: under a window manager that leaves such windows behind, toFront() of a window of another program than the one that
#           the person has clicked last does not raise it, as it should be; but the input focus goes to it. What the person types
#           goes on into a window that is covered. With setAutoRequestFocus(false) before toFront() it does not.
# Guessed:  the two go together: a window that is not let to the front does not get the keyboard either.
# Matters:  to every single-instance program that brings its window up when it is started again: what is typed lands in a
#           window that nobody sees.
#
# Needs a JDK of 17 or newer with AWT (JAVA_HOME, or on the path), Xvfb, metacity, and xprop.
set -euo pipefail

jdk=${JAVA_HOME:+$JAVA_HOME/bin/}
for tool in "${jdk}java" "${jdk}javac" Xvfb metacity xprop; do
  command -v "$tool" > /dev/null || { echo "Skipped: $tool is missing."; exit 77; }
done
temp=$(mktemp -d)
server=
manager=
clean() {
  for process in $manager $server; do
    kill "$process" 2> /dev/null || true
    wait "$process" 2> /dev/null || true
  done
  rm -rf "$temp"
}
trap clean EXIT
cd "$temp"
export HOME=$temp GSETTINGS_BACKEND=memory NO_AT_BRIDGE=1

cat > Finding.java <<'JAVA'
import java.awt.Color;
import java.awt.EventQueue;
import java.awt.KeyboardFocusManager;
import java.awt.Robot;
import java.awt.event.InputEvent;
import java.awt.event.KeyAdapter;
import java.awt.event.KeyEvent;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import javax.swing.JFrame;

class Finding {

    static final AtomicInteger typed = new AtomicInteger();
    static JFrame frame;

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            editor();
        } else {
            work();
        }
    }

    /** Another program, with a red window. Does what it is told by lines, and says how many keys it has got. */
    static void editor() throws Exception {
        show("Editor", Color.RED, 100);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        System.out.println("shown");
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            if (!line.equals("typed")) {
                boolean takesKeyboard = line.equals("toFront");
                onTheEventThread(() -> {
                    frame.setAutoRequestFocus(takesKeyboard);
                    frame.toFront();
                    return null;
                });
            }
            System.out.println(typed);
        }
        System.exit(0);
    }

    /** The program that a person works in, with a blue window before the red one. */
    static void work() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp", System.getProperty("java.class.path"), "Finding", "editor")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said = process.inputReader();
        PrintStream tell = new PrintStream(process.getOutputStream(), true);
        said.readLine();
        Robot robot = new Robot();
        await(() -> colour(robot, 250).equals(Color.RED));
        show("Other work", Color.BLUE, 150);
        await(() -> colour(robot, 430).equals(Color.BLUE));
        for (String line : new String[] {"toFront", "toFront without setAutoRequestFocus"}) {
            click(robot);
            await(() -> colour(robot, 250).equals(Color.BLUE) && hasKeyboard());
            tell.println(line);
            int before = Integer.parseInt(said.readLine());
            int own = typed.get();
            // As long as nothing comes of it, or a window comes before another: that is what is looked for.
            Thread.sleep(2000);
            boolean raised = colour(robot, 250).equals(Color.RED);
            robot.keyPress(KeyEvent.VK_A);
            robot.keyRelease(KeyEvent.VK_A);
            robot.waitForIdle();
            Thread.sleep(1000);
            tell.println("typed");
            int after = Integer.parseInt(said.readLine());
            System.out.println(line + ": in front: " + (raised ? "editor" : "other work") + "; the key went to: "
                    + (after > before ? "editor" : typed.get() > own ? "other work" : "nobody"));
        }
        tell.close();
        process.waitFor();
        System.exit(0);
    }

    static void show(String title, Color colour, int corner) throws Exception {
        onTheEventThread(() -> {
            frame = new JFrame(title);
            frame.getContentPane().setBackground(colour);
            frame.setBounds(corner, corner, 300, 300);
            frame.addKeyListener(new KeyAdapter() {
                @Override
                public void keyPressed(KeyEvent pressed) {
                    typed.incrementAndGet();
                }
            });
            frame.setVisible(true);
            return null;
        });
    }

    static void click(Robot robot) {
        robot.mouseMove(430, 430);
        robot.mousePress(InputEvent.BUTTON1_DOWN_MASK);
        robot.mouseRelease(InputEvent.BUTTON1_DOWN_MASK);
        robot.waitForIdle();
    }

    static Color colour(Robot robot, int at) {
        return robot.getPixelColor(at, at);
    }

    static boolean hasKeyboard() throws Exception {
        return onTheEventThread(
                () -> KeyboardFocusManager.getCurrentKeyboardFocusManager().getFocusedWindow() != null);
    }

    static <T> T onTheEventThread(Callable<T> question) throws Exception {
        FutureTask<T> task = new FutureTask<>(question);
        EventQueue.invokeLater(task);
        return task.get();
    }

    static void await(Callable<Boolean> condition) throws Exception {
        for (int i = 0; i < 600; i++) {
            if (condition.call()) {
                return;
            }
            Thread.sleep(50);
        }
        System.err.println("Waited in vain");
        System.exit(1);
    }
}
JAVA

cat > expected <<'TEXT'
toFront: in front: other work; the key went to: editor
toFront without setAutoRequestFocus: in front: other work; the key went to: other work
TEXT

"${jdk}javac" -d classes Finding.java
mkfifo number
Xvfb -displayfd 1 -screen 0 800x600x24 -nolisten tcp > number 2> /dev/null &
server=$!
read -r display < number
export DISPLAY=:$display
metacity --sm-disable 2> /dev/null &
manager=$!
for ((i = 0; i < 300; i++)); do
  # Not found is said on the same output.
  case $(xprop -root _NET_SUPPORTING_WM_CHECK) in
    *'window id'*) break ;;
    *) sleep 0.1 ;;
  esac
done
timeout -k 5 180 "${jdk}java" -cp classes Finding > seen
cat seen
diff -u expected seen || { echo 'Changed: the keyboard goes with the window.'; exit 1; }
