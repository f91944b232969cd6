package io.relaunchguard.it.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Chromium that is driven as a person would, with a profile of its own. It ends with its sandbox, whatever happens. */
public final class Browser implements AutoCloseable {

    private static final File DRIVER = new File("/usr/bin/chromedriver");
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final JsonMapper MAPPER = new JsonMapper();

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    public static Browser start(Sandbox sandbox) {
        LoggingPreferences logging = new LoggingPreferences();
        logging.enable(LogType.BROWSER, Level.ALL);
        logging.enable(LogType.PERFORMANCE, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(Chromium.PROGRAM.toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--hide-scrollbars",
                "--user-data-dir=" + sandbox.root().resolve("browser"));
        options.setCapability("goog:loggingPrefs", logging);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER)
                .usingAnyFreePort()
                .withEnvironment(Map.of("TMPDIR", sandbox.temporary().toString()))
                .withLogOutput(OutputStream.nullOutputStream())
                .build();
        try {
            return new Browser(new ChromeDriver(service, options));
        } finally {
            drivers().forEach(started -> {
                sandbox.adopt(started);
                sandbox.adoptTree(started);
            });
        }
    }

    private static Stream<ProcessHandle> drivers() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().command().orElse("").endsWith(DRIVER.getName()));
    }

    public void open(String url) {
        driver.get(url);
    }

    /** Sets what the page sees of the screen. */
    public void emulate(String colourScheme, int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colourScheme))));
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** Keeps a picture of the whole page. */
    public void picture(String name) throws IOException {
        Files.createDirectories(SCREENSHOTS);
        Object data = driver.executeCdpCommand("Page.captureScreenshot", Map.of("captureBeyondViewport", true))
                .get("data");
        Files.write(SCREENSHOTS.resolve(name + ".png"), OutputType.BYTES.convertFromBase64Png((String) data));
    }

    /** The visible text of the first element. */
    public String text(String selector) {
        return texts(selector).get(0);
    }

    /** The visible text of each element, all of the same moment: the page makes them anew as it goes. */
    public List<String> texts(String selector) {
        return each(selector, "element.innerText.trim()");
    }

    public List<String> attributes(String selector, String name) {
        return each(selector, "element.getAttribute('%s')".formatted(name));
    }

    public List<WebElement> all(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    private List<String> each(String selector, String expression) {
        List<?> values = (List<?>) driver.executeScript(
                "return [...document.querySelectorAll(arguments[0])].map((element) => %s)".formatted(expression),
                selector);
        return values.stream().map(String::valueOf).toList();
    }

    public Object evaluate(String script) {
        return driver.executeScript(script);
    }

    /** What the browser complained of: errors, refused content, violated policies. */
    public List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(LogEntry::toString)
                .toList();
    }

    /** What was asked for since the last call, by every document but the browser's own. */
    public List<URI> requests() {
        List<URI> requests = driver.manage().logs().get(LogType.PERFORMANCE).getAll().stream()
                .map(entry -> MAPPER.readTree(entry.getMessage()).path("message"))
                .filter(message -> message.path("method").asString("").equals("Network.requestWillBeSent"))
                .map(message -> message.path("params"))
                .filter(asked -> !asked.path("documentURL").asString("").startsWith("chrome:"))
                .map(asked -> asked.path("request").path("url"))
                .map(JsonNode::asString)
                .map(URI::create)
                .toList();
        assertThat(requests).as("the browser's network log").isNotEmpty();
        return requests;
    }

    @Override
    public void close() {
        driver.quit();
    }
}
