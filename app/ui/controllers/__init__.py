"""What happens between views and client, by subject; none of them knows another one's views.

::

    view --intent--> controller --command--> client
    client --changes--> bridge --signals--> controller --rows, values--> view
"""
