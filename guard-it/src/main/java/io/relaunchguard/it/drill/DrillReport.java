package io.relaunchguard.it.drill;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The report of a drill.
 *
 * @param host the host of the drill
 * @param rows the rows in the order in which the scenarios were played
 */
record DrillReport(Host host, List<Row> rows) {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * The host of a drill.
     *
     * @param pin the kind of pin that this host offers, or why it offers none
     */
    record Host(String system, String architecture, String jdk, String pin, String browser) {

        @Override
        public String toString() {
            return """
                    Relaunch Guard drill
                      system   %s, %s
                      JDK      %s
                      pin      %s
                      browser  %s""".formatted(system, architecture, jdk, pin, browser);
        }
    }

    /** The result of a scenario. */
    enum Result {
        /** The drill saw what it expected. */
        OK,
        /** The drill saw something else. */
        DIFFERENT,
        /** This host does not allow the scenario; what was seen says why. */
        NOT_PLAYED
    }

    /** The row of one scenario. */
    record Row(String scenario, String expected, String seen, Result result, double seconds) {

        String line(int width) {
            String mark = switch (result) {
                case OK -> "ok  ";
                case DIFFERENT -> "DIFF";
                case NOT_PLAYED -> "--  ";
            };
            return String.format(
                    Locale.ROOT,
                    "  %s  %s  %5.1f s  %s%s",
                    mark,
                    scenario + " ".repeat(Math.max(0, width - scenario.length())),
                    seconds,
                    seen,
                    result == Result.DIFFERENT ? "   expected: " + expected : "");
        }
    }

    long count(Result result) {
        return rows.stream().filter(row -> row.result() == result).count();
    }

    String total() {
        return "%d scenarios played, %d different, %d not played"
                .formatted(
                        count(Result.OK) + count(Result.DIFFERENT), count(Result.DIFFERENT), count(Result.NOT_PLAYED));
    }

    void writeJson(Path file) throws IOException {
        Files.writeString(file, MAPPER.writeValueAsString(this));
    }

    /** Writes the report in the form that continuous integration reads; a difference is a failure. */
    void writeJunitXml(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(out, "UTF-8");
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuite");
            xml.writeAttribute("name", "relaunch-guard drill");
            xml.writeAttribute("tests", Integer.toString(rows.size()));
            xml.writeAttribute("failures", Long.toString(count(Result.DIFFERENT)));
            xml.writeAttribute("skipped", Long.toString(count(Result.NOT_PLAYED)));
            xml.writeStartElement("properties");
            property(xml, "system", host.system());
            property(xml, "architecture", host.architecture());
            property(xml, "jdk", host.jdk());
            property(xml, "pin", host.pin());
            property(xml, "browser", host.browser());
            xml.writeEndElement();
            for (Row row : rows) {
                xml.writeStartElement("testcase");
                xml.writeAttribute("classname", "drill");
                xml.writeAttribute("name", row.scenario());
                xml.writeAttribute("time", String.format(Locale.ROOT, "%.3f", row.seconds()));
                if (row.result() == Result.DIFFERENT) {
                    xml.writeEmptyElement("failure");
                    xml.writeAttribute("message", "expected: %s; seen: %s".formatted(row.expected(), row.seen()));
                } else if (row.result() == Result.NOT_PLAYED) {
                    xml.writeEmptyElement("skipped");
                    xml.writeAttribute("message", row.seen());
                }
                xml.writeEndElement();
            }
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IOException(e);
        }
    }

    private static void property(XMLStreamWriter xml, String name, String value) throws XMLStreamException {
        xml.writeEmptyElement("property");
        xml.writeAttribute("name", name);
        xml.writeAttribute("value", value);
    }
}
