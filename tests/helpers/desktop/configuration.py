"""How the parts of the virtual desktop are set up: their commands and configuration files."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

AT_SPI_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")

TRAYER = [
    *("trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request", "--heighttype", "pixel"),
    *("--height", "28", "--SetDockType", "true", "--SetPartialStrut", "true", "--transparent", "false"),
]

BACKGROUND = "#56657a"  # of the empty desktop

THEME = """\
border.width: 1
border.color: #b9bcc4
padding.width: 6
padding.height: 5
window.client.padding.width: 0
window.client.padding.height: 0
window.handle.width: 0
window.active.title.bg: flat solid
window.active.title.bg.color: #f1f2f5
window.active.label.bg: parentrelative
window.active.label.text.color: #1d2129
window.active.button.*.bg: parentrelative
window.active.button.*.image.color: #5a606c
window.inactive.title.bg: flat solid
window.inactive.title.bg.color: #f7f8fa
window.inactive.label.bg: parentrelative
window.inactive.label.text.color: #8a909c
window.inactive.button.*.bg: parentrelative
window.inactive.button.*.image.color: #a9aeb8
window.label.text.justify: center
"""

KEYRING = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
KEYRING_PASSWORD = b"a desktop in memory"

# Two outputs that exist in memory alone; each has a monitor that can be recorded.
PULSEAUDIO = [
    *(
        "pulseaudio",
        "-n",
        "--daemonize=no",
        "--exit-idle-time=-1",
        "--disable-shm=yes",
        "--log-target=stderr",
    ),
    "--load=module-native-protocol-unix",
    "--load=module-null-sink sink_name=speakers sink_properties=device.description=Speakers",
    "--load=module-null-sink sink_name=headset sink_properties=device.description=Headset",
]


def at_spi(screen_reader: bool) -> list[str]:
    """The command of the accessibility bus. Programs show themselves on it if there is a screen reader."""
    launcher = next((path for path in AT_SPI_LAUNCHERS if Path(path).exists()), AT_SPI_LAUNCHERS[0])
    there = int(screen_reader)
    return [launcher, "--launch-immediately", f"--a11y={there}", f"--screen-reader={there}"]


def bus(folder: Path, environment: Mapping[str, str]) -> list[str]:
    """A session bus that starts no service by itself: what is killed stays dead."""
    file = _write(
        folder / "bus.conf",
        f"""\
        <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
          "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
        <busconfig>
          <type>session</type>
          <listen>{environment["DBUS_SESSION_BUS_ADDRESS"]}</listen>
          <auth>EXTERNAL</auth>
          <policy context="default">
            <allow send_destination="*" eavesdrop="true"/>
            <allow eavesdrop="true"/>
            <allow own="*"/>
          </policy>
        </busconfig>
        """,
    )
    return ["dbus-daemon", "--nofork", f"--config-file={file}"]


def openbox(folder: Path, home: Path) -> list[str]:
    """One desktop, click to focus, new windows get the focus; Alt+F4 closes. A flat theme for pictures."""
    theme = home / ".themes" / "Plain" / "openbox-3"
    theme.mkdir(parents=True)
    _write(theme / "themerc", THEME)
    file = _write(
        folder / "openbox.xml",
        """\
        <?xml version="1.0" encoding="UTF-8"?>
        <openbox_config xmlns="http://openbox.org/3.4/rc">
          <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
          <placement><policy>Smart</policy><center>yes</center></placement>
          <theme>
            <name>Plain</name><titleLayout>LIMC</titleLayout>
            <font place="ActiveWindow"><name>Inter</name><size>9</size></font>
            <font place="InactiveWindow"><name>Inter</name><size>9</size></font>
          </theme>
          <desktops><number>1</number></desktops>
          <keyboard><keybind key="A-F4"><action name="Close"/></keybind></keyboard>
          <mouse>
            <context name="Titlebar">
              <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
              <mousebind button="Left" action="Drag"><action name="Move"/></mousebind>
            </context>
            <context name="Client">
              <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
            </context>
            <context name="Close">
              <mousebind button="Left" action="Click"><action name="Close"/></mousebind>
            </context>
          </mouse>
        </openbox_config>
        """,
    )
    return ["openbox", "--sm-disable", "--config-file", str(file)]


def dunst(folder: Path, choice: Path) -> list[str]:
    """Notifications stay until closed. Its menu of buttons presses the one whose line is in ``choice``."""
    menu = _write(
        folder / "menu",
        f"""\
        #!/bin/sh
        exec grep --fixed-strings --max-count=1 --file='{choice}'
        """,
    )
    menu.chmod(0o700)
    file = _write(
        folder / "dunstrc",
        f"""\
        [global]
            origin = top-right
            offset = 16x16
            width = (280, 360)
            height = 160
            gap_size = 8
            font = Inter, Noto Sans CJK JP 10
            markup = full
            format = "<b>%s</b>\\n%b"
            icon_position = left
            max_icon_size = 40
            frame_width = 1
            frame_color = "#c8c8cc"
            corner_radius = 8
            padding = 10
            horizontal_padding = 12
            dmenu = {menu}
            sort = no
            idle_threshold = 0
            show_indicators = no
        [urgency_low]
            timeout = 0
            background = "#ffffff"
            foreground = "#1c1c1e"
        [urgency_normal]
            timeout = 0
            background = "#ffffff"
            foreground = "#1c1c1e"
        [urgency_critical]
            timeout = 0
            background = "#ffffff"
            foreground = "#1c1c1e"
            frame_color = "#1c1c1e"
        """,
    )
    return ["dunst", "-config", str(file)]


def _write(path: Path, text: str) -> Path:
    path.write_text(dedent(text))
    return path
