"""What is played, told and judged.

- demo, demo_page: the whole house on a fresh folder, and stories in it
- rehearse, rehearse_page: the rules alone, on a scripted tape
- telling_page: how a told line and a check look
"""
