"use strict";
self.BOAI_PHONE = {name: "boai-visits-", version: "{{ version }}", files: [{% for file in files %}"{{ file|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}]};
importScripts("{{ worker_script|escapejs }}");
